/** The address of a cluster's API server and the authorities to trust there. */
export interface ClusterEndpoint {
  /** Scheme https; a path is kept as the prefix of the path of every request. */
  readonly url: URL;
  /** PEM. No other authority is trusted. */
  readonly ca: string;
}
