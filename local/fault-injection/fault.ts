import type { EmbeddedCluster } from '../embedded-cluster.ts';

/** One fault on the path between the function and its numbers. */
export interface InjectableFault {
  /** What is wrong, in words. */
  readonly description: string;
  /** Injects it into a healthy cluster. */
  inject(cluster: EmbeddedCluster): Injected | Promise<Injected>;
}

/** What else changes while the fault is injected. */
export interface Injected {
  /** Environment variables of the function that change; undefined removes one. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How many milliseconds the function's clock is ahead. */
  readonly clockAheadMs?: number;
  /** Stops what was started for it. */
  close?(): Promise<void>;
}

/** Makes the function ask EKS for the endpoint of the API server. */
export const ASK_EKS = { CLUSTER_ENDPOINT: undefined, CLUSTER_CA: undefined } as const;
