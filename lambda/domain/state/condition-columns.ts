import { MAX_CYCLES, type NodeConditions, RESTARTS, type Streak } from '../node-conditions.ts';
import { time } from './ranges.ts';
import { list, position, UnusableState, whole } from './shape.ts';

/** How long conditions of nodes have held, as stored: rows for the few pods that have any. */
export interface ConditionColumns {
  /** Position in `pods`, epoch milliseconds, cycles, and where it does not hold now, when it last did. */
  readonly unread: readonly StreakRow[];
  readonly refusing: readonly StreakRow[];
  /** Position in `pods`, epoch milliseconds of each restart. */
  readonly restarts: readonly (readonly [pod: number, times: readonly number[]])[];
}

type StreakRow = readonly [pod: number, since: number, cycles: number, heldAt?: number];

const STREAKS = ['unread', 'refusing'] as const;

export function conditionColumns(pods: readonly NodeConditions[]): ConditionColumns {
  const streaks = (condition: (typeof STREAKS)[number]) =>
    pods.flatMap((pod, place): StreakRow[] => {
      const streak = pod[condition];
      if (!streak) return [];
      const { since, cycles, heldAt } = streak;
      return [heldAt === undefined ? [place, since, cycles] : [place, since, cycles, heldAt]];
    });
  return {
    unread: streaks('unread'),
    refusing: streaks('refusing'),
    restarts: pods.flatMap(({ restarts }, place) => (restarts ? [[place, restarts] as const] : [])),
  };
}

/**
 * By position in `pods`. A column that is absent says nothing: an older function wrote the state.
 * @param pods their number
 * @param latest the latest time that a state may hold, epoch milliseconds
 * @throws UnusableState
 */
export function conditionsFrom(
  columns: Readonly<Record<string, unknown>>,
  pods: number,
  latest: number,
): ReadonlyMap<number, NodeConditions> {
  const conditions = new Map<number, NodeConditions>();
  const rows = (column: string) =>
    list(columns[column] ?? [], column).map((row) => {
      const [pod, ...values] = list(row, column);
      return { pod: position(pod, pods, column), values };
    });
  const add = (pod: number, condition: NodeConditions) =>
    conditions.set(pod, { ...conditions.get(pod), ...condition });

  for (const column of STREAKS) {
    for (const { pod, values } of rows(column)) add(pod, { [column]: streakFrom(values, latest, column) });
  }
  for (const { pod, values } of rows('restarts')) {
    add(pod, { restarts: timesFrom(values[0], latest) });
  }
  return conditions;
}

const streakFrom = ([since, cycles, heldAt]: readonly unknown[], latest: number, column: string): Streak => ({
  since: time(since, latest, column),
  cycles: whole(cycles, MAX_CYCLES, column),
  ...(heldAt !== undefined && { heldAt: time(heldAt, latest, column) }),
});

function timesFrom(value: unknown, latest: number): readonly number[] {
  const times = list(value, 'restarts');
  if (times.length > RESTARTS) throw new UnusableState(`restarts has more than ${RESTARTS} times of a pod`);
  return times.map((at) => time(at, latest, 'restarts'));
}
