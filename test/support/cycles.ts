import { COUNTERS } from '../../lambda/domain/catalog.ts';
import { counterTotals } from '../../lambda/domain/increases.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import { type Counted, increase } from '../../lambda/domain/state/counters.ts';
import type { State } from '../../lambda/domain/state/state.ts';
import { podReading } from './reading.ts';

const MINUTE = 60_000;
/** The first tick; the processes of `adds` started an hour before it. */
export const T0 = Date.UTC(2026, 0, 1);
export const OLD = T0 / 1_000 - 3_600;

/** By pod: its answer; undefined where it was listed but not read. */
export type Cycle = Readonly<Record<string, PodReading | undefined>>;

/** Runs cycles a minute apart, each committed, and gives what each counted. */
export function run(...cycles: readonly Cycle[]): Counted[] {
  let readings: State | undefined;
  return cycles.map((cycle, index) => {
    const read = new Map(Object.entries(cycle).flatMap(([pod, now]) => (now ? [[pod, now] as const] : [])));
    const counted = increase(readings, {
      time: T0 + index * MINUTE,
      listed: new Set(Object.keys(cycle)),
      read,
    });
    readings = counted.next;
    return counted;
  });
}

/** The totals that are known, by name. */
export const totals = ({ increases }: Counted): Record<string, number> =>
  Object.fromEntries(
    counterTotals(increases).flatMap((total, position) =>
      total === undefined ? [] : [[COUNTERS[position]?.name, total]],
    ),
  );

/** The last cycle's total of one counter. */
export const lastTotal = (name: string, ...cycles: readonly Cycle[]): number | undefined =>
  totals(run(...cycles).at(-1) as Counted)[name];

export const adds = (addReqCount: number, startTime = OLD) => podReading(startTime, { addReqCount });
