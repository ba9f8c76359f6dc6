import type { EmbeddedCluster } from '../embedded-cluster.ts';

/** One fault on the path between the function and its numbers. */
export interface InjectableFault {
  /** What is then wrong, for people. */
  readonly description: string;
  /** Injects it into a healthy cluster. */
  inject(cluster: EmbeddedCluster): Injected | Promise<Injected>;
}

/** What else is different while the fault lasts. */
export interface Injected {
  /** Variables of the function that change; undefined: removed. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How many milliseconds the function's clock is ahead. */
  readonly clockAheadMs?: number;
  /** Stops what was started for it. */
  close?(): Promise<void>;
}

/** Makes the function ask EKS for the endpoint of the API server. */
export const ASK_EKS = { CLUSTER_ENDPOINT: undefined, CLUSTER_CA: undefined } as const;
