/** What one answer of an aws-node pod says, in the catalog's terms. */
export interface PodReading {
  /**
   * `process_start_time_seconds`: distinguishes an ipamd process from its successor.
   * NaN if the answer has none: then only a falling counter shows a restart.
   */
  readonly startTime: number;
  /**
   * By position in GAUGES: the sum over the series of the family. NaN: not exposed. Infinity: unknown, because a
   * series has a value that ipamd cannot have.
   */
  readonly gauges: readonly number[];
  /** By position in COUNTERS: the sum over the selected series; NaN and Infinity as in `gauges`. */
  readonly counters: readonly number[];
  /**
   * One row per API, error and status folded together, in the order of their first appearance. APIs beyond MAX_APIS
   * and long names are one row, OTHER_APIS.
   */
  readonly latencies: readonly ApiLatency[];
  /** Families that are unknown because of a value that ipamd cannot have, in the order of their names. */
  readonly invalid: readonly InvalidFamily[];
  /** Families with labels that the CNI of this pod does not have: here, absence is not 0. */
  readonly lacks: readonly string[];
  readonly facts: IpamdFacts;
}

/** `not-finite`: NaN or infinite. `invalid-value`: negative, a fraction, or more than a node can have. */
export interface InvalidFamily {
  readonly family: string;
  readonly why: 'not-finite' | 'invalid-value';
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

/** What an answer says that is reported or used as a check, but is no metric of its own. */
export interface IpamdFacts {
  /** The label `version` of `awscni_build_info`; '' if the answer has none. */
  readonly version: string;
  /** Series of `awscni_assigned_ip_per_eni` and their sum; NaN if that is unknown. */
  readonly enis: number;
  readonly inUseOnEnis: number;
  /** `awscni_connmark_reconcile_total{result="error"}` since ipamd started; NaN if that is unknown. */
  readonly connmarkErrors: number;
  /** Values of `failure_reason` for which `awscni_ipamd_startup_duration_seconds` counts a startup. */
  readonly startupFailures: readonly string[];
  /** How long ipamd took to start, and to initialize the node as a part of that; NaN if unknown. */
  readonly startupSeconds: number;
  readonly nodeInitSeconds: number;
}
