import { join } from 'node:path';
import { VERSIONS } from './versions.ts';

/** A program of the real control plane, and how Go builds it. */
export interface Part {
  readonly module: string;
  readonly version: string;
  /** The main package; undefined: that of `source`. */
  readonly package?: string;
  /** A Go file of this project that is the program. */
  readonly source?: string;
  /** For -ldflags. */
  readonly flags?: string;
  /**
   * The `replace` lines of the module's own go.mod that its dependents must repeat: Go applies only those of
   * the main module.
   */
  readonly replaces: (goMod: string) => readonly string[];
}

const KUBERNETES = {
  module: 'k8s.io/kubernetes',
  version: VERSIONS.kubernetes,
  // The staging modules are folders of Kubernetes' own tree; v1.X.Y goes with the published v0.X.Y.
  replaces: (goMod: string) =>
    [...goMod.matchAll(/(k8s\.io\/[a-z0-9-]+) => \.\/staging\//g)].map(
      ([, name]) => `replace ${name} => ${name} ${VERSIONS.kubernetes.replace('v1.', 'v0.')}`,
    ),
  // Without its version the server calls itself v0.0.0-master, which some clients refuse.
  flags: versionFlags(VERSIONS.kubernetes),
};

const CNI = {
  module: 'github.com/aws/amazon-vpc-cni-k8s',
  version: VERSIONS.cni,
  replaces: (goMod: string) => goMod.split('\n').filter((line) => /^replace .*=> [a-z]/.test(line)),
};

const replacesNothing = () => [];

export const PARTS = {
  'kube-apiserver': { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  kubectl: { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kubectl' },
  etcd: {
    module: 'go.etcd.io/etcd/server/v3',
    version: VERSIONS.etcd,
    package: 'go.etcd.io/etcd/server/v3',
    replaces: replacesNothing,
  },
  'aws-iam-authenticator': {
    module: 'sigs.k8s.io/aws-iam-authenticator',
    version: VERSIONS.authenticator,
    package: 'sigs.k8s.io/aws-iam-authenticator/cmd/aws-iam-authenticator',
    replaces: replacesNothing,
  },
  'cni-metrics-helper': { ...CNI, package: 'github.com/aws/amazon-vpc-cni-k8s/cmd/cni-metrics-helper' },
  'ipamd-metrics': { ...CNI, source: join(import.meta.dirname, 'ipamd-metrics', 'main.go') },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

/** What KUBEBUILDER_ASSETS holds. https://book.kubebuilder.io/reference/envtest */
export const ENVTEST_PARTS: readonly PartName[] = ['kube-apiserver', 'etcd', 'kubectl'];

function versionFlags(version: string): string {
  const [major, minor] = version.slice(1).split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
}
