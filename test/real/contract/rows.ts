import type { ContractRequest } from './client.ts';
import type { ContractCluster } from './cluster.ts';
import type { Seen } from './seen.ts';

/** A request and its answer, which is the same on every API server that keeps the contract. */
export interface Row {
  readonly name: string;
  /** With READER's token unless it has an authorization of its own; null: without one. */
  readonly request: (
    cluster: ContractCluster,
  ) => ContractRequest & { readonly authorization?: string | null };
  readonly expected: (cluster: ContractCluster) => Seen;
}
