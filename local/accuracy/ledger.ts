import { COUNTERS, LATENCY } from '../../lambda/domain/catalogue.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import type { Incarnation } from '../simulation/fleet.ts';
import type { Process } from '../simulation/process.ts';

/** What one run read of one pod: the process, and where it stood at that moment. */
export interface Glimpse {
  readonly process: Process;
  /** By position in ACCOUNTS; NaN: the family is not exposed. */
  readonly totals: readonly number[];
}

/** No simulated node is one of SageMaker HyperPod; those counters are the last of COUNTERS. */
const SIMULATED = COUNTERS.filter(({ onlyIfExposed }) => !onlyIfExposed);

/** The books: the simulated COUNTERS, then the calls to AWS APIs and their milliseconds. */
export const ACCOUNTS: readonly string[] = [
  ...SIMULATED.map(({ name }) => name),
  `${LATENCY.name} SampleCount`,
  `${LATENCY.name} Sum`,
];

/** Where a process stands now, by position in ACCOUNTS; NaN: the family is not exposed. */
export function totalsOf({ counters, byApi }: Process): readonly number[] {
  return [
    ...counters.slice(0, SIMULATED.length),
    byApi.reduce((calls, { count }) => calls + count, 0),
    byApi.reduce((ms, { sum }) => ms + sum, 0),
  ];
}

/** What was published, by position in ACCOUNTS. */
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
 * What should have been published, reckoned from the simulator's processes and not from readings: of every
 * process the events up to the last time that a cycle read it and counted, from its start or, for the
 * processes that were there before, from the first time.
 */
export function createLedger() {
  const zero = ACCOUNTS.map(() => 0);
  const books = new Map<Process, { readonly from: readonly number[]; to: readonly number[] }>();
  /** Pods of the first list whose first reading is still to come. */
  const unknown = new Set<string>();
  let first: number | undefined;

  return {
    /** A cycle has published its counters. @param time its tick, epoch milliseconds */
    count(time: number, listed: readonly string[], glimpses: ReadonlyMap<string, Glimpse>): void {
      const isFirst = first === undefined;
      first ??= time;
      if (isFirst) for (const pod of listed) unknown.add(pod);
      for (const [pod, { process, totals }] of glimpses) {
        const isOld = isFirst || process.startTime * 1_000 <= first;
        const from = unknown.delete(pod) && isOld ? totals : zero;
        const book = books.get(process);
        if (book) book.to = totals;
        else books.set(process, { from, to: totals });
      }
    },
    /** By position in ACCOUNTS: the events counted, and those after the last reading of their process. */
    close(incarnations: readonly Incarnation[]): { events: readonly number[]; unseen: readonly number[] } {
      const events = zero.slice();
      const unseen = zero.slice();
      const add = (sums: number[], to: readonly number[], from: readonly number[]) => {
        for (const account of ACCOUNTS.keys())
          sums[account] = (sums[account] ?? 0) + (to[account] || 0) - (from[account] || 0);
      };
      for (const { process } of incarnations) {
        const book = books.get(process);
        if (book) {
          add(events, book.to, book.from);
          add(unseen, totalsOf(process), book.to);
        } else if (first !== undefined && process.startTime * 1_000 > first) {
          add(unseen, totalsOf(process), zero);
        }
      }
      return { events, unseen };
    },
  };
}
