import { COUNTERS, LATENCY } from '../../lambda/domain/catalog.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import type { Incarnation } from '../simulation/fleet.ts';
import type { Process } from '../simulation/process.ts';

/** What one run read of one pod: the process, and its totals at that moment. */
export interface Observation {
  readonly process: Process;
  /** By position in TOTAL_NAMES; NaN: the family is not exposed. */
  readonly totals: readonly number[];
}

/** No simulated node is one of SageMaker HyperPod; those counters are the last of COUNTERS. */
const SIMULATED = COUNTERS.filter(({ onlyIfExposed }) => !onlyIfExposed);

/** What is counted: the simulated COUNTERS, then the calls to AWS APIs and their milliseconds. */
export const TOTAL_NAMES: readonly string[] = [
  ...SIMULATED.map(({ name }) => name),
  `${LATENCY.name} SampleCount`,
  `${LATENCY.name} Sum`,
];

/** The totals of a process now, by position in TOTAL_NAMES; NaN: the family is not exposed. */
export function totalsOf({ counters, byApi }: Process): readonly number[] {
  return [
    ...counters.slice(0, SIMULATED.length),
    byApi.reduce((calls, { count }) => calls + count, 0),
    byApi.reduce((ms, { sum }) => ms + sum, 0),
  ];
}

/** What was published, by position in TOTAL_NAMES. */
export function publishedIn(metrics: readonly Metric[]): readonly number[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const latency = byName.get(LATENCY.name);
  const statistics = latency && 'statistics' in latency ? latency.statistics : { sampleCount: 0, sum: 0 };
  return [
    ...SIMULATED.map(({ name }) => {
      const metric = byName.get(name);
      return metric && 'value' in metric ? metric.value : 0;
    }),
    statistics.sampleCount,
    statistics.sum,
  ];
}

/**
 * What should have been published, computed from the simulator's processes and not from readings. For each process
 * these are the events up to its last reading by a cycle that counted, from its start or, for processes that ran before
 * the first cycle, from their first reading.
 */
export function createExpectedCounts() {
  const zero = TOTAL_NAMES.map(() => 0);
  const ranges = new Map<Process, { readonly from: readonly number[]; to: readonly number[] }>();
  /** Pods of the first list whose first reading is still to come. */
  const unknown = new Set<string>();
  let first: number | undefined;

  return {
    /** Records that a cycle has published its counters. @param time its tick, epoch milliseconds */
    record(time: number, listed: readonly string[], observed: ReadonlyMap<string, Observation>): void {
      const isFirst = first === undefined;
      first ??= time;
      if (isFirst) for (const pod of listed) unknown.add(pod);
      for (const [pod, { process, totals }] of observed) {
        const isOld = isFirst || process.startTime * 1_000 <= first;
        const from = unknown.delete(pod) && isOld ? totals : zero;
        const range = ranges.get(process);
        if (range) range.to = totals;
        else ranges.set(process, { from, to: totals });
      }
    },
    /** By position in TOTAL_NAMES: the events counted, and those after the last reading of their process. */
    result(incarnations: readonly Incarnation[]): { events: readonly number[]; unseen: readonly number[] } {
      const events = zero.slice();
      const unseen = zero.slice();
      const add = (sums: number[], to: readonly number[], from: readonly number[]) => {
        for (const position of TOTAL_NAMES.keys())
          sums[position] = (sums[position] ?? 0) + (to[position] || 0) - (from[position] || 0);
      };
      for (const { process } of incarnations) {
        const range = ranges.get(process);
        if (range) {
          add(events, range.to, range.from);
          add(unseen, totalsOf(process), range.to);
        } else if (first !== undefined && process.startTime * 1_000 > first) {
          add(unseen, totalsOf(process), zero);
        }
      }
      return { events, unseen };
    },
  };
}
