import { MAX_API_LENGTH, MAX_APIS } from '../api-names.ts';
import { COUNTERS } from '../catalog.ts';
import { quoted } from '../evidence.ts';
import { KUBERNETES_NAME } from '../kubernetes-name.ts';
import { type ConditionColumns, conditionColumns, conditionsFrom } from './condition-columns.ts';
import { latestTick, MAX_EVENTS, time } from './ranges.ts';
import { list, numbers, parsed, position, record, string, UnusableState } from './shape.ts';
import type { ApiTotals, CounterReading, PodMemory, State } from './state.ts';
import { type SubnetColumns, subnetColumns, subnetsFrom } from './subnet-columns.ts';

/**
 * The state as text: one JSON document of columns, because 5,000 numbers of one kind in a row compress to half the
 * size of 5,000 objects. Counters and APIs are identified by name, so the catalog can grow: a counter that was not
 * stored is unknown, not zero.
 */

/** EKS runs 100,000 nodes in a cluster at most; a text with more pods takes more memory than a function has.
 * https://docs.aws.amazon.com/eks/latest/best-practices/scalability.html */
const MAX_PODS = 200_000;

/** In JSON, NaN is null. A pod that was never read has 0 in every column. */
interface Columns extends Partial<ConditionColumns> {
  readonly time: number;
  readonly since: number;
  readonly pods: readonly string[];
  /** Positions in `pods`. */
  readonly baseline: readonly number[];
  readonly whole: readonly number[];
  /** Position in `pods`, epoch milliseconds. */
  readonly missing: readonly (readonly [pod: number, since: number])[];
  /** By id. Absent, as the conditions are, where an older function wrote the state. */
  readonly subnets?: Readonly<Record<string, SubnetColumns>>;
  readonly startTimes: Column;
  readonly counters: Readonly<Record<string, Column>>;
  readonly latencies: Readonly<Record<string, { readonly count: Column; readonly sum: Column }>>;
}

type Column = readonly (number | null)[];

export function stateToText({ time, since, pods, subnets }: State): string {
  const memories = [...pods.values()];
  const readings = memories.map(({ last }) => (typeof last === 'object' ? last : undefined));
  const column = (value: (reading: CounterReading) => number | undefined): number[] =>
    readings.map((reading) => (reading && value(reading)) ?? 0);
  const columns: Columns = {
    time,
    since,
    pods: [...pods.keys()],
    baseline: positions(memories, ({ last }) => last === 'baseline'),
    whole: positions(memories, ({ last }) => last === 'whole'),
    missing: memories.flatMap(({ missingSince }, pod) =>
      missingSince === undefined ? [] : [[pod, missingSince] as const],
    ),
    ...conditionColumns(memories),
    ...(subnets && { subnets: subnetColumns(subnets) }),
    startTimes: column(({ startTime }) => startTime),
    counters: Object.fromEntries(
      COUNTERS.map(({ name }, position) => [name, column(({ counters }) => counters[position])]),
    ),
    latencies: latencyColumns(readings),
  };
  return JSON.stringify(columns);
}

const positions = <T>(rows: readonly T[], test: (row: T) => boolean): number[] =>
  rows.flatMap((row, position) => (test(row) ? [position] : []));

function latencyColumns(readings: readonly (CounterReading | undefined)[]): Columns['latencies'] {
  const columns = new Map<string, { count: number[]; sum: number[] }>();
  readings.forEach((reading, pod) => {
    for (const { api, count, sum } of reading?.latencies ?? []) {
      let column = columns.get(api);
      if (!column) {
        column = { count: readings.map(() => 0), sum: readings.map(() => 0) };
        columns.set(api, column);
      }
      column.count[pod] = count;
      column.sum[pod] = sum;
    }
  });
  return Object.fromEntries(columns);
}

/**
 * @param now epoch milliseconds
 * @throws UnusableState also where a number is out of its range: negative, beyond 2^53, or a time in the future
 */
export function stateFromText(text: string, now: number): State {
  const columns = record(parsed(text), 'the state');
  const latest = latestTick(now);
  const names = podNames(list(columns.pods, 'pods'));
  const last = lastReadings(columns, names.length);
  for (const never of ['baseline', 'whole'] as const) {
    for (const pod of list(columns[never], never)) last[position(pod, names.length, never)] = never;
  }
  const conditions = conditionsFrom(columns, names.length, latest);
  const memories = last.map((memory, pod): PodMemory => ({ last: memory, ...conditions.get(pod) }));
  for (const pair of list(columns.missing, 'missing')) {
    const [pod, since] = numbers(pair, 2, MAX_EVENTS, 'missing');
    const at = position(pod, names.length, 'missing');
    memories[at] = { last: last[at] ?? 'whole', missingSince: time(since, latest, 'missing') };
  }
  const subnets = subnetsFrom(columns.subnets, latest);
  return {
    time: time(columns.time, latest, 'time'),
    since: time(columns.since, latest, 'since'),
    pods: new Map(names.map((name, pod) => [name, memories[pod] ?? { last: 'whole' }])),
    ...(subnets && { subnets }),
  };
}

/** Names that no pod can have, and too many of them, would make a state that never shrinks again. */
function podNames(values: readonly unknown[]): string[] {
  if (values.length > MAX_PODS) throw new UnusableState(`of ${values.length} pods, more than ${MAX_PODS}`);
  return values.map((value) => {
    const name = string(value, 'pods');
    if (!KUBERNETES_NAME.test(name)) throw new UnusableState(`of a pod ${quoted(name)}, which is no name`);
    return name;
  });
}

function lastReadings(columns: Readonly<Record<string, unknown>>, pods: number): PodMemory['last'][] {
  const stored = record(columns.counters, 'counters');
  const unknown = Array.from({ length: pods }, () => Number.NaN);
  const startTimes = numbers(columns.startTimes, pods, MAX_EVENTS, 'startTimes');
  const counters = COUNTERS.map(({ name }) =>
    Object.hasOwn(stored, name) ? numbers(stored[name], pods, MAX_EVENTS, name) : unknown,
  );
  const rows = Object.entries(record(columns.latencies, 'latencies'));
  // Each is a column for all pods of the next state, however few pods this one has.
  if (rows.length > MAX_APIS + 1)
    throw new UnusableState(`of ${rows.length} APIs, more than ${MAX_APIS + 1}`);
  const latencies = rows.map(([api, value]) => {
    const { count, sum } = record(value, api);
    if (api.length > MAX_API_LENGTH) throw new UnusableState(`of an API ${quoted(api)}, which is no name`);
    return {
      api,
      count: numbers(count, pods, MAX_EVENTS, api),
      sum: numbers(sum, pods, MAX_EVENTS, api),
    };
  });
  return Array.from(startTimes, (startTime, pod) => {
    const totals: ApiTotals[] = [];
    for (const { api, count, sum } of latencies) {
      if (count[pod] !== 0) totals.push({ api, count: at(count, pod), sum: at(sum, pod) });
    }
    return { startTime, counters: counters.map((values) => at(values, pod)), latencies: totals };
  });
}

const at = (values: readonly number[], pod: number): number => values[pod] ?? Number.NaN;
