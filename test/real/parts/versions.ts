/** Of what is built; all of it comes from the Go module proxy. */
export const VERSIONS = {
  kubernetes: 'v1.35.4',
  etcd: 'v3.6.16',
  /** The newest one that the checksum database knows. */
  authenticator: 'v0.7.8',
  cni: 'v1.23.2',
} as const;

/** The highest that the go.mod files of these versions ask for. */
export const GO_VERSION = '1.26.6';
