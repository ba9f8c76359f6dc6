/** How long a condition of a node has held, cycle after cycle. */
export interface Streak {
  /** The first tick of the streak, epoch milliseconds. */
  readonly since: number;
  readonly cycles: number;
  /** The last tick at which it held, epoch milliseconds; absent: the latest. */
  readonly heldAt?: number;
}

/** What is remembered of one node to judge how long its conditions have held; absent: they do not hold. */
export interface NodeConditions {
  /** Its pod is listed and could not be read. */
  readonly unread?: Streak;
  /** It refused pods an address. */
  readonly refusing?: Streak;
  /** When its ipamd restarted, epoch milliseconds, the last RESTARTS times within RESTART_WINDOW_MS. */
  readonly restarts?: readonly number[];
}

/** What one cycle saw of a listed pod. */
export interface NodeObservation {
  readonly isRead: boolean;
  /** Pods were refused an address since its last reading; undefined: unknown, as where it was not read. */
  readonly refusedPods: boolean | undefined;
  readonly isRestarted: boolean;
}

/** One a minute for 1,900 years. At 2^53 a number plus one is the same number, and every fifth cycle would never come. */
export const MAX_CYCLES = 1e9;

const MINUTE_MS = 60_000;

/**
 * A condition counts once it has held for so long and for so many cycles, whatever the period. A burst of pods and a
 * node that is replaced are over before; what is left needs somebody.
 */
const LASTING = { ms: 5 * MINUTE_MS, cycles: 2 };
/**
 * A condition that does not hold for so long has ended. It is the shortest period of the schedule: cycles closer together are
 * started by hand, by anyone who may invoke the function, and a node refuses pods only when they are tried again.
 */
const ENDED_MS = MINUTE_MS;
/** So many restarts within this time are a crash loop; a rolling update of the CNI restarts each node once. */
export const RESTARTS = 3;
const RESTART_WINDOW_MS = 30 * MINUTE_MS;

/**
 * The conditions after one more cycle. A young node needs no excuse: its streak is shorter than its life.
 * @param time the tick of the cycle, epoch milliseconds
 * @param before the tick of the cycle before; undefined: there is none
 */
export function nextConditions(
  { unread, refusing, restarts = [] }: NodeConditions = {},
  { isRead, refusedPods, isRestarted }: NodeObservation,
  time: number,
  before: number | undefined,
): NodeConditions {
  const recent = [...restarts, ...(isRestarted ? [time] : [])]
    .filter((at) => at > time - RESTART_WINDOW_MS)
    .slice(-RESTARTS);
  const nextUnread = isRead ? undefined : continued(unread, time);
  // A node that is not read may continue to refuse pods: nothing is known.
  const nextRefusing =
    refusedPods === undefined
      ? refusing
      : refusedPods
        ? continued(refusing, time)
        : interrupted(refusing, time, before);
  return {
    ...(nextUnread && { unread: nextUnread }),
    ...(nextRefusing && { refusing: nextRefusing }),
    ...(recent.length > 0 && { restarts: recent }),
  };
}

const continued = (streak: Streak | undefined, time: number): Streak => ({
  since: streak?.since ?? time,
  cycles: Math.min(MAX_CYCLES, (streak?.cycles ?? 0) + 1),
});

/** The streak while it may still go on. */
function interrupted(
  streak: Streak | undefined,
  time: number,
  before = Number.NEGATIVE_INFINITY,
): Streak | undefined {
  const heldAt = streak?.heldAt ?? before;
  return streak && time - heldAt < ENDED_MS ? { ...streak, heldAt } : undefined;
}

/** Whether a condition has held long enough to count. @param time the tick of the cycle */
export const lasts = (streak: Streak | undefined, time: number): boolean =>
  streak !== undefined && streak.cycles >= LASTING.cycles && time - streak.since >= LASTING.ms;

/** Whether ipamd is in a crash loop. @param time the tick of the cycle */
export const isCrashLooping = ({ restarts = [] }: NodeConditions, time: number): boolean =>
  restarts.length >= RESTARTS && time - (restarts[0] ?? 0) < RESTART_WINDOW_MS;
