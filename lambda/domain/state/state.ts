import type { NodeConditions } from '../node-conditions.ts';
import type { SubnetHistory } from '../subnets/exhaustion.ts';

/**
 * The values of the counters when they were last published; increases are taken from them.
 * Immutable: a cycle makes a new state, which takes effect once it is committed.
 */
export interface State {
  /** The tick they were published for (scheduled time), epoch milliseconds. */
  readonly time: number;
  /** The first tick of this state, epoch milliseconds: pods of its list start from a baseline. */
  readonly since: number;
  /** By pod name; also pods listed but never read, and pods missing for less than an hour. */
  readonly pods: ReadonlyMap<string, PodMemory>;
  /** By id; absent where no subnet was ever read. */
  readonly subnets?: ReadonlyMap<string, SubnetHistory>;
}

export interface PodMemory extends NodeConditions {
  /** The first tick whose list did not contain it, epoch milliseconds; absent while it is listed. */
  readonly missingSince?: number;
  /** Its last successful reading or, until there is one, what its first reading will count for. */
  readonly last: CounterReading | NeverRead;
}

/**
 * A pod that is listed but was never read. `baseline`: it was in the first list, so its past is unknown and its first
 * reading is only a baseline. `whole`: it came later, so everything it ever counted happened since.
 */
type NeverRead = 'baseline' | 'whole';

/** The counters of one ipamd process at one moment. */
export interface CounterReading {
  /** `process_start_time_seconds`; NaN if the pod does not expose it. */
  readonly startTime: number;
  /**
   * By position in COUNTERS. NaN: unknown, nothing to compare with. A family with labels that is not exposed is 0,
   * because its series appear with their first event.
   */
  readonly counters: readonly number[];
  /** One entry per API, MAX_APIS and OTHER_APIS at most; an API without an entry has had no call. */
  readonly latencies: readonly ApiTotals[];
}

/** The running totals of one process's calls to one AWS API. */
export interface ApiTotals {
  readonly api: string;
  readonly count: number;
  /** Milliseconds in all of them. */
  readonly sum: number;
}
