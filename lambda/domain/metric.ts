import type { Unit } from './catalogue.ts';

/** One metric of one cycle, ready to be sent; every number is finite. */
export type Metric = {
  readonly name: string;
  readonly unit: Unit;
  /** Dimensions beyond CLUSTER_ID; absent for cluster values. */
  readonly dimensions?: { readonly SUBNET_ID: string };
} & (
  | { readonly value: number }
  | { readonly statistics: Statistics }
  /** `counts[i]` nodes have `values[i]`; values ascend and are distinct. */
  | { readonly values: readonly number[]; readonly counts: readonly number[] }
);

/** A CloudWatch StatisticSet: what happened in the interval, without the single values. */
export interface Statistics {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}
