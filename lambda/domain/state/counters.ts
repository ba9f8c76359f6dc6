import { OTHER_APIS } from '../api-names.ts';
import { COUNTERS } from '../catalog.ts';
import { addExactly, type ExactSum } from '../exact-sum.ts';
import type { Increases } from '../increases.ts';
import { nextConditions } from '../node-conditions.ts';
import type { ApiLatency, PodReading } from '../pod-reading.ts';
import { keptApis, withKeptApis } from './kept-apis.ts';
import {
  firstReading,
  isSameProcess,
  isUsable,
  laterReading,
  PROCESS_START,
  totalsOf,
} from './process-reading.ts';
import type { ApiTotals, CounterReading, PodMemory, State } from './state.ts';

/** What one cycle saw in the cluster. */
interface Observed {
  /** The tick (scheduled time), epoch milliseconds; later than that of the state it is compared with. */
  readonly time: number;
  /** Names of all running pods, a complete list. */
  readonly listed: ReadonlySet<string>;
  /** By pod name; a listed pod without an entry was not read. */
  readonly read: ReadonlyMap<string, PodReading>;
}

export interface Counted {
  /** What to commit once the increases are published. */
  readonly next: State;
  readonly increases: Increases;
  /** Pods whose first reading is only a baseline, because their past is unknown. */
  readonly baselined: number;
  /** Names of the pods whose ipamd is another process than at their last reading. */
  readonly restarted: readonly string[];
  /** Names of the pods some of whose APIs count together, because there are too many. */
  readonly foldedApis: readonly string[];
}

/** How long a pod that is gone from the list is remembered, in case it comes back. */
const REMEMBERED_MS = 3_600_000;
/** Pods that are gone and remembered; names beyond it can only come from a state that somebody else wrote. */
const MAX_GONE = 10_000;

/**
 * The events of the cluster since `previous` was published, and the state to continue from.
 *
 * It works on one total per pod and counter: all series of a process only grow and all end with it, so their sum is
 * monotonic too, and its increase is the sum of their increases.
 * @param previous undefined: nothing is known, so every listed pod starts from a baseline
 */
export function increase(previous: State | undefined, { time, listed, read }: Observed): Counted {
  const since = previous?.since ?? time;
  const kept = keptApis(previous, read);
  const pods = new Map<string, PodMemory>();
  const tally = emptyTally();
  const restarted: string[] = [];
  const foldedApis: string[] = [];
  let baselined = 0;

  for (const pod of listed) {
    const memory = previous?.pods.get(pod);
    const last = previous ? (memory?.last ?? 'whole') : 'baseline';
    const answer = read.get(pod);
    if (answer === undefined) {
      pods.set(pod, { ...nextConditions(memory, UNREAD, time, previous?.time), last });
      continue;
    }
    const before = typeof last === 'object' ? last : undefined;
    const continued = withKeptApis(answer, kept, before);
    const restart = before !== undefined && !isSameProcess(before, continued);
    const now = restart ? withKeptApis(answer, kept, undefined) : continued;
    const reading = before && !restart ? laterReading(before, now) : firstReading(now);
    if (hasOtherApis(reading)) foldedApis.push(pod);
    if (restart) restarted.push(pod);
    const isNew = previous !== undefined && now.startTime * 1_000 > since;
    const isBaseline = last === 'baseline' && !isNew;
    const from = isBaseline ? undefined : before && !restart ? before : PROCESS_START;
    if (from) addPod(tally, from, reading, now);
    else baselined += 1;
    const observation = {
      isRead: true,
      refusedPods: from && hasGrown(REFUSED, from, reading),
      isRestarted: restart,
    };
    pods.set(pod, { ...nextConditions(memory, observation, time, previous?.time), last: reading });
  }

  let gone = 0;
  for (const [pod, { last, missingSince = time }] of previous?.pods ?? []) {
    if (pods.has(pod) || time - missingSince >= REMEMBERED_MS || gone === MAX_GONE) continue;
    pods.set(pod, { last, missingSince });
    gone += 1;
  }
  return {
    next: { time, since, pods },
    increases: { ...tally, restarts: restarted.length },
    baselined,
    restarted,
    foldedApis,
  };
}

const UNREAD = { isRead: false, refusedPods: undefined, isRestarted: false };
const REFUSED = COUNTERS.findIndex(({ name }) => name === 'noAvailableIPAddresses');

/** Undefined if one of the totals is unknown. */
function hasGrown(position: number, before: CounterReading, now: CounterReading): boolean | undefined {
  const [last = Number.NaN, next = Number.NaN] = [before.counters[position], now.counters[position]];
  return Number.isNaN(last) || Number.isNaN(next) ? undefined : next !== last && next > 0;
}

const hasOtherApis = ({ latencies }: CounterReading): boolean =>
  latencies.some(({ api }) => api === OTHER_APIS);

/** Increases under construction. */
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

/** Adds what happened in one process between `last` and `next`, which is kept of the answer `now`. */
function addPod(tally: Tally, last: CounterReading, next: CounterReading, now: PodReading): void {
  tally.compared += 1;
  next.counters.forEach((value, position) => {
    const before = last.counters[position] ?? Number.NaN;
    if (Number.isNaN(before) || Number.isNaN(value)) return;
    tally.counters[position] ??= [];
    addGrowth(tally.counters[position], before, value);
  });
  const before = totalsOf(last.latencies);
  now.latencies.forEach((row, index) => {
    if (isUsable(row)) addCalls(tally, before(row.api, index), row);
  });
}

function addCalls(tally: Tally, last: ApiTotals | undefined, now: ApiLatency): void {
  // Count and sum are reset together: if one fell, both began again.
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

/** Both ends are added separately, so that not even their difference is rounded. A total that fell began again at 0. */
function addGrowth(sum: ExactSum, before: number, now: number): void {
  if (now === before) return;
  addExactly(sum, now);
  if (now > before) addExactly(sum, -before);
}
