import { type ExactSum, totalOf } from './exact-sum.ts';
import type { Statistics } from './metric.ts';

/** The events of the cluster since the last published cycle. The sums are exact, so no digit depends on the order of the pods. */
export interface Increases {
  /** By position in COUNTERS; undefined: unknown, because no pod has an earlier value to compare with. */
  readonly counters: readonly (Readonly<ExactSum> | undefined)[];
  /** Undefined: no call to an AWS API. */
  readonly latency: LatencyIncrease | undefined;
  /** Pods whose ipamd is another process than at their last reading. */
  readonly restarts: number;
  /** Pods whose events are in the sums; if there are none, `restarts` is unknown too, not 0. */
  readonly compared: number;
}

interface LatencyIncrease {
  readonly count: Readonly<ExactSum>;
  /** Milliseconds. */
  readonly sum: Readonly<ExactSum>;
  /** The lowest mean of one pod and API in the interval, milliseconds. */
  readonly minimum: number;
  /** The highest such mean, or quantile 0.99 if a pod exposes it, milliseconds. */
  readonly maximum: number;
}

/** The number of events by position in COUNTERS; undefined if it is unknown. */
export function counterTotals(increases: Increases): readonly (number | undefined)[] {
  return increases.counters.map((sum) => sum && totalOf(sum));
}

/** The calls of the interval as CloudWatch takes them; undefined without calls. */
export function latencyStatistics({ latency }: Increases): Statistics | undefined {
  if (!latency) return undefined;
  const { minimum, maximum } = latency;
  return {
    sampleCount: totalOf(latency.count),
    sum: totalOf(latency.sum),
    minimum,
    // A quantile covers the last minutes, not the interval, so it may lie below the interval's mean.
    maximum: Math.max(minimum, maximum),
  };
}
