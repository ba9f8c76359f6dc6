/** What one answer of an aws-node pod says, in the catalogue's terms. */
export interface PodReading {
  /**
   * `process_start_time_seconds`: tells one ipamd process from its successor.
   * NaN where the answer has none: then only a falling counter tells a restart.
   */
  readonly startTime: number;
  /** By position in GAUGES: the sum over the family's finite series; NaN where the pod exposes none. */
  readonly gauges: readonly number[];
  /**
   * By position in COUNTERS: the sum over the selected series; NaN where the pod exposes none, Infinity where one
   * of them is not finite, so that the sum is unknown.
   */
  readonly counters: readonly number[];
  /** One row an API, error and status folded together, in the order of their first appearance. */
  readonly latencies: readonly ApiLatency[];
  /** Samples of the catalogue's families left out because they are NaN or infinite (quantiles not counted). */
  readonly notFinite: number;
}

/** The running totals of one pod's calls to one AWS API. */
export interface ApiLatency {
  readonly api: string;
  /** Calls since the process started. */
  readonly count: number;
  /** Milliseconds in all of them. */
  readonly sum: number;
  /** Quantile 0.99 in milliseconds, the highest over the folded series; only CNI before 1.8 exposes it. */
  readonly p99?: number;
}
