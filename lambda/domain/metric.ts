import type { Unit } from './catalog-rows.ts';

/** One metric of one cycle. */
export type Metric = {
  readonly name: string;
  readonly unit: Unit;
  /** Dimensions in addition to CLUSTER_ID; absent for values of the cluster. */
  readonly dimensions?: { readonly SUBNET_ID: string };
} & (
  | { readonly value: number }
  | { readonly statistics: Statistics }
  /** `counts[i]` nodes have `values[i]`; values ascend and are distinct. */
  | { readonly values: readonly number[]; readonly counts: readonly number[] }
);

/** A row of the catalog with its value. */
export const metricOf = ({ name, unit }: Pick<Metric, 'name' | 'unit'>, value: number) => ({
  name,
  unit,
  value,
});

/** A CloudWatch StatisticSet: the interval in four numbers. */
export interface Statistics {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * The bounds of a value: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
 * (too large and too small values, NaN and infinities are rejected, and with them the whole request).
 */
const LARGEST = 2 ** 360;
const SMALLEST = 2 ** -360;

/** Whether CloudWatch accepts every number of a metric. */
export function isSendable(metric: Metric): boolean {
  if ('value' in metric) return isInRange(metric.value);
  if ('values' in metric)
    return metric.values.length > 0 && [...metric.values, ...metric.counts].every(isInRange);
  const { sampleCount, sum, minimum, maximum } = metric.statistics;
  return sampleCount > 0 && minimum <= maximum && [sampleCount, sum, minimum, maximum].every(isInRange);
}

function isInRange(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude > SMALLEST && magnitude < LARGEST);
}
