import { COUNTERS } from '../catalogue.ts';
import { addExactly, type ExactSum } from '../exact-sum.ts';
import type { Increases } from '../increases.ts';
import type { ApiLatency, PodReading } from '../pod-reading.ts';
import {
  firstReading,
  isSameProcess,
  isUsable,
  laterReading,
  PROCESS_START,
  totalsOf,
} from './process-reading.ts';
import type { ApiTotals, CounterReading, PodMemory, State } from './state.ts';

/** What one cycle saw of the cluster. */
export interface Observed {
  /** The tick (scheduled time), epoch milliseconds; later than that of the state it is compared with. */
  readonly time: number;
  /** Names of all running pods, a complete list. */
  readonly listed: ReadonlySet<string>;
  /** By pod name; a listed pod without an entry could not be read. */
  readonly read: ReadonlyMap<string, PodReading>;
}

export interface Counted {
  /** What to commit once the increases are published. */
  readonly next: State;
  readonly increases: Increases;
  /** Pods whose first reading only set a mark, since their past is unknown. */
  readonly baselined: number;
  /** Names of the pods whose ipamd is another process than at their last reading. */
  readonly restarted: readonly string[];
}

/** How long a pod that is gone from the list is remembered, should it come back. */
const REMEMBERED_MS = 3_600_000;

/**
 * The events of the cluster since `previous` was published, and the state to continue from.
 *
 * Works on one total a pod and counter: all series of a process only grow, and all end with it, so a sum of
 * series is as monotone as each and its increase is the sum of theirs.
 * @param previous undefined: nothing is known, so every listed pod starts from a baseline
 */
export function increase(previous: State | undefined, { time, listed, read }: Observed): Counted {
  const since = previous?.since ?? time;
  const pods = new Map<string, PodMemory>();
  const tally = emptyTally();
  const restarted: string[] = [];
  let baselined = 0;

  for (const pod of listed) {
    const memory = previous?.pods.get(pod);
    const last = previous ? (memory?.last ?? 'whole') : 'baseline';
    const now = read.get(pod);
    if (now === undefined) {
      const { since, cycles } = memory?.unread ?? { since: time, cycles: 0 };
      pods.set(pod, { last, unread: { since, cycles: cycles + 1 } });
    } else if (typeof last === 'object' && isSameProcess(last, now)) {
      const reading = laterReading(last, now);
      pods.set(pod, { last: reading });
      addPod(tally, last, reading, now);
    } else {
      const reading = firstReading(now);
      pods.set(pod, { last: reading });
      if (typeof last === 'object') restarted.push(pod);
      const isNew = previous !== undefined && now.startTime * 1_000 > since;
      if (last === 'baseline' && !isNew) baselined += 1;
      else addPod(tally, PROCESS_START, reading, now);
    }
  }

  for (const [pod, { last, missingSince = time }] of previous?.pods ?? []) {
    if (!pods.has(pod) && time - missingSince < REMEMBERED_MS) pods.set(pod, { last, missingSince });
  }
  return {
    next: { time, since, pods },
    increases: { ...tally, restarts: restarted.length },
    baselined,
    restarted,
  };
}

/** Increases in the making. */
interface Tally {
  readonly counters: (ExactSum | undefined)[];
  latency: { count: ExactSum; sum: ExactSum; minimum: number; maximum: number } | undefined;
  compared: number;
}

const emptyTally = (): Tally => ({
  counters: COUNTERS.map(() => undefined),
  latency: undefined,
  compared: 0,
});

/** Adds what happened in one process from `last` to `next`, which is kept of the answer `now`. */
function addPod(tally: Tally, last: CounterReading, next: CounterReading, now: PodReading): void {
  tally.compared += 1;
  next.counters.forEach((value, position) => {
    const before = last.counters[position] ?? Number.NaN;
    if (Number.isNaN(before) || Number.isNaN(value)) return;
    tally.counters[position] ??= [];
    addGrowth(tally.counters[position], before, value);
  });
  now.latencies.forEach((row, index) => {
    if (isUsable(row)) addCalls(tally, totalsOf(last, row.api, index), row);
  });
}

function addCalls(tally: Tally, last: ApiTotals | undefined, now: ApiLatency): void {
  // Count and sum are reset together: one that fell tells of both.
  const before = last && now.count >= last.count && now.sum >= last.sum ? last : { count: 0, sum: 0 };
  const calls = now.count - before.count;
  if (calls === 0) return;
  const mean = (now.sum - before.sum) / calls;
  tally.latency ??= { count: [], sum: [], minimum: mean, maximum: 0 };
  addGrowth(tally.latency.count, before.count, now.count);
  addGrowth(tally.latency.sum, before.sum, now.sum);
  tally.latency.minimum = Math.min(tally.latency.minimum, mean);
  tally.latency.maximum = Math.max(tally.latency.maximum, now.p99 ?? mean);
}

/** Both ends are added apart, so that not even their difference is rounded. A total that fell began anew at 0. */
function addGrowth(sum: ExactSum, before: number, now: number): void {
  if (now === before) return;
  addExactly(sum, now);
  if (now > before) addExactly(sum, -before);
}
