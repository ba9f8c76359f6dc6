/**
 * What the counters stood at when they were last published: the memory from which increases are taken.
 * Immutable: a cycle makes new readings, and they count only once they are committed.
 */
export interface Readings {
  /** The tick they were published for (scheduled time), epoch milliseconds. */
  readonly time: number;
  /** The first cycle after nothing was known, epoch milliseconds: pods of its list start from a baseline. */
  readonly since: number;
  /** By pod name; also pods listed but never read, and pods missing for less than an hour. */
  readonly pods: ReadonlyMap<string, PodMemory>;
}

export interface PodMemory {
  /** Epoch milliseconds of the first list without it; absent while it is listed. */
  readonly missingSince?: number;
  /** Its last successful reading; absent while it was listed but never read. */
  readonly last?: CounterReading;
  /**
   * For a pod never read yet: whether it was in the first list (its past is unknown: baseline) or came
   * later (all its events count).
   */
  readonly pending?: 'baseline' | 'whole';
}

/** The counters of one ipamd process at one moment. */
export interface CounterReading {
  /** `process_start_time_seconds`; NaN where the pod does not say. */
  readonly startTime: number;
  /** By position in COUNTERS; NaN where the pod did not expose it. */
  readonly counters: readonly number[];
  /** By API: calls and their milliseconds. */
  readonly latencies: ReadonlyMap<string, { readonly count: number; readonly sum: number }>;
}
