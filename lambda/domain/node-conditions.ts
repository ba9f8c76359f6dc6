/** How long a condition of a node has held, cycle after cycle. */
export interface Streak {
  /** The first tick of the streak, epoch milliseconds. */
  readonly since: number;
  readonly cycles: number;
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

const MINUTE_MS = 60_000;

/**
 * A condition counts once it has held for so long and for so many cycles, whatever the period. A burst of pods and a
 * node that is replaced are over before; what is left needs somebody.
 */
const LASTING = { ms: 5 * MINUTE_MS, cycles: 2 };
/** So many restarts within this time are a crash loop; a rolling update of the CNI restarts each node once. */
export const RESTARTS = 3;
const RESTART_WINDOW_MS = 30 * MINUTE_MS;

/**
 * The conditions after one more cycle. A young node needs no excuse: its streak is shorter than its life.
 * @param time the tick of the cycle, epoch milliseconds
 */
export function nextConditions(
  { unread, refusing, restarts = [] }: NodeConditions = {},
  { isRead, refusedPods, isRestarted }: NodeObservation,
  time: number,
): NodeConditions {
  const recent = [...restarts, ...(isRestarted ? [time] : [])]
    .filter((at) => at > time - RESTART_WINDOW_MS)
    .slice(-RESTARTS);
  const nextUnread = isRead ? undefined : continued(unread, time);
  // A node that is not read may continue to refuse pods: nothing is known.
  const nextRefusing =
    refusedPods === undefined ? refusing : refusedPods ? continued(refusing, time) : undefined;
  return {
    ...(nextUnread && { unread: nextUnread }),
    ...(nextRefusing && { refusing: nextRefusing }),
    ...(recent.length > 0 && { restarts: recent }),
  };
}

const continued = (streak: Streak | undefined, time: number): Streak => ({
  since: streak?.since ?? time,
  cycles: (streak?.cycles ?? 0) + 1,
});

/** Whether a condition has held long enough to count. @param time the tick of the cycle */
export const lasts = (streak: Streak | undefined, time: number): boolean =>
  streak !== undefined && streak.cycles >= LASTING.cycles && time - streak.since >= LASTING.ms;

/** Whether ipamd is in a crash loop. @param time the tick of the cycle */
export const isCrashLooping = ({ restarts = [] }: NodeConditions, time: number): boolean =>
  restarts.length >= RESTARTS && time - (restarts[0] ?? 0) < RESTART_WINDOW_MS;
