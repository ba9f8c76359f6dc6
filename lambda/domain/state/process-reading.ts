import { MAX_APIS } from '../api-names.ts';
import { COUNTERS } from '../catalog.ts';
import type { PodReading } from '../pod-reading.ts';
import { MAX_EVENTS } from './ranges.ts';
import type { ApiTotals, CounterReading } from './state.ts';

/** Where every ipamd process starts. */
export const PROCESS_START: CounterReading = {
  startTime: Number.NaN,
  counters: COUNTERS.map(() => 0),
  latencies: [],
};

/**
 * Start times less than this far apart belong to one process, in seconds: they are derived from the kernel's boot
 * time, which moves by a second when the clock is adjusted. Taken for a restart, such a move would publish every
 * event of the process once more. https://github.com/prometheus/client_golang/issues/289
 */
const START_TIME_JITTER_S = 2;

/** Whether `now` comes from the process that gave `last`. */
export function isSameProcess(last: CounterReading, now: PodReading): boolean {
  const apart = Math.abs(now.startTime - last.startTime);
  if (apart === 0) return true;
  if (apart >= START_TIME_JITTER_S) return false;
  // Close together, or unknown: only a total that fell distinguishes one process from the next.
  return !hasFallen(last, now);
}

function hasFallen(last: CounterReading, now: PodReading): boolean {
  const before = totalsOf(last.latencies);
  return (
    now.counters.some((value, position) => value >= 0 && value < (last.counters[position] ?? Number.NaN)) ||
    now.latencies.some((row, index) => isUsable(row) && row.count < (before(row.api, index)?.count ?? 0))
  );
}

/** What is kept of the first answer of a process. */
export function firstReading(now: PodReading): CounterReading {
  return {
    startTime: now.startTime,
    counters: now.counters.map((value, position) => continued(Number.NaN, value, position, now)),
    latencies: now.latencies.filter(isUsable),
  };
}

/** What is kept of a later answer of the same process: whatever is missing in it stays as it was. */
export function laterReading(last: CounterReading, now: PodReading): CounterReading {
  const latencies = now.latencies.filter(isUsable);
  const present = totalsOf(latencies);
  const silent = last.latencies.filter(({ api }, index) => !present(api, index));
  return {
    startTime: Number.isNaN(now.startTime) ? last.startTime : now.startTime,
    counters: now.counters.map((value, position) =>
      continued(last.counters[position] ?? Number.NaN, value, position, now),
    ),
    // ipamd never drops an API; a pod that exposes others in each cycle keeps no more than these.
    latencies: silent.length === 0 ? latencies : [...latencies, ...silent].slice(0, MAX_APIS + 1),
  };
}

/** What is kept of a total: if it is unknown now, the value that was known before. */
function continued(before: number, now: number, position: number, { lacks }: PodReading): number {
  if (now > MAX_EVENTS) return before;
  if (now >= 0) return now;
  const row = COUNTERS[position];
  if (row && lacks.includes(row.family)) return Number.NaN;
  if (!Number.isNaN(before)) return before;
  // A series with labels appears with its first event; a family without any is there from the start, or unknown.
  return row?.labels.length ? 0 : Number.NaN;
}

/** Whether these can be a number of calls and their time. */
export const isUsable = ({ count, sum }: ApiTotals): boolean =>
  Number.isSafeInteger(count) && count >= 0 && sum >= 0 && sum <= MAX_EVENTS;

/**
 * Looks up the totals of an API.
 * @returns a function of the API and the place where it probably is: an exposition keeps its order
 */
export function totalsOf(rows: readonly ApiTotals[]): (api: string, hint: number) => ApiTotals | undefined {
  let byApi: ReadonlyMap<string, ApiTotals> | undefined;
  return (api, hint) => {
    const guess = rows[hint];
    if (guess?.api === api) return guess;
    byApi ??= new Map(rows.map((row) => [row.api, row]));
    return byApi.get(api);
  };
}
