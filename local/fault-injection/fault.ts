import type { EmbeddedCluster } from '../embedded-cluster.ts';

/** One link of the path between the function and its numbers, and how to break it alone. */
export interface Link {
  /** What is then wrong, for people. */
  readonly broken: string;
  /** Breaks it in a cluster that is whole. */
  breakIn(cluster: EmbeddedCluster): Broken | Promise<Broken>;
}

/** What else is different while the link is broken. */
export interface Broken {
  /** Variables of the function that change; undefined: removed. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds by which the function's clock is ahead of the world's. */
  readonly clockAheadMs?: number;
  /** Ends what was started for it. */
  close?(): Promise<void>;
}

/** So that the function asks EKS where the API server is. */
export const ASK_EKS = { CLUSTER_ENDPOINT: undefined, CLUSTER_CA: undefined } as const;
