import type { ScrapeFailureCode } from '../domain/causes/scrape-failures.ts';
import { newConcurrencyLimiter, recordAnswer, recordOverload } from '../domain/concurrency-limiter.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import { type Lane, laneOf, pauseUntil, startIn, type Task } from './lane.ts';
import type { Pod } from './ports.ts';
import { pauseBefore } from './retry.ts';

export interface ScheduleOptions {
  /** Most requests in flight, apart from those of unresponsive pods; fewer while the API server shows overload. */
  readonly concurrency: number;
  /** Time limit of one request, milliseconds. */
  readonly timeoutMs: number;
  /** How many cycles in a row before this one could not read the pod. @default 0 for every pod */
  readonly unreadCycles?: (pod: string) => number;
}

export type Result = PodReading | ScrapeError;

/**
 * Decides which pods are attempted next, and when. There are two lanes: a pod that does not answer holds its place for
 * the whole time limit of its request, so unresponsive pods wait in a lane of their own while the others are read. A
 * pod that was not read in the last cycle starts in the unresponsive lane; one that becomes unresponsive moves there.
 */
interface Schedule {
  readonly responsive: Lane;
  readonly unresponsive: Lane;
  /** Pods attempted at least once. */
  begun: number;
  /** Answers received, whether or not they can be parsed. */
  answers: number;
  /** Attempts without an answer within their time limit. */
  timeouts: number;
  /** Pods that lost their connection since the last answer. */
  readonly lost: Set<Task>;
  /** So many of them show that the API server is away. */
  readonly lostIfAway: number;
  /** Limit of `begun` while no pod has answered. */
  mostBegun: number;
}

/** A request without an answer for this long moves to the unresponsive lane; a healthy pod takes about 20 ms. */
const PATIENCE_MS = 500;
/**
 * Places of the unresponsive lane: for each of SCRAPE_CONCURRENCY, and in all. The API server keeps a goroutine and a
 * socket for a dead node until its own dial ends, 30 s after the request (kube-apiserver 1.35), so the lane narrows
 * when the API server shows overload. Slow answers do not narrow it: often it is the function that has little CPU.
 */
const UNRESPONSIVE_LANE = { times: 2.5, most: 250 };
/** After two unread cycles a pod gets less time, but the whole limit in every fifth: a slow node is not lost. */
const SHORT = { timeoutMs: 1_000, afterCycles: 2, exceptEvery: 5 };
/** What takes the whole time limit of a request. */
const UNRESPONSIVE: ReadonlySet<ScrapeFailureCode> = new Set([
  'scrape-timeout',
  'node-slow',
  'node-unreachable',
]);
/**
 * A tenth of the pods within these limits has to lose its connections before the API server counts as away: a single pod
 * that claims it without end would hold up the cycle until its deadline. Where there is one pod, it is enough.
 */
const AWAY = { least: 2, most: 10 };
/** While no pod has answered: after this many timeouts only a few more pods are attempted. */
const NOTHING_READ = { timeouts: 50, probes: 10 };

export function newSchedule(pods: readonly Pod[], options: ScheduleOptions): Schedule {
  const tasks = pods.map((pod) => taskOf(pod, options));
  const unresponsivePlaces = Math.min(
    UNRESPONSIVE_LANE.most,
    Math.floor(UNRESPONSIVE_LANE.times * options.concurrency),
  );
  return {
    responsive: laneOf(
      newConcurrencyLimiter(options.concurrency),
      tasks.filter(({ attempts }) => !attempts.wasUnread),
    ),
    unresponsive: laneOf(
      newConcurrencyLimiter(unresponsivePlaces, unresponsivePlaces),
      tasks.filter(({ attempts }) => attempts.wasUnread),
    ),
    begun: 0,
    answers: 0,
    timeouts: 0,
    lost: new Set(),
    lostIfAway: Math.min(tasks.length, AWAY.most, Math.max(AWAY.least, Math.ceil(tasks.length / 10))),
    mostBegun: Infinity,
  };
}

function taskOf(pod: Pod, { timeoutMs, unreadCycles }: ScheduleOptions): Task {
  const cycles = unreadCycles?.(pod.name) ?? 0;
  const isShort = cycles >= SHORT.afterCycles && cycles % SHORT.exceptEvery !== 0;
  return {
    pod,
    timeoutMs: isShort ? Math.min(timeoutMs, SHORT.timeoutMs) : timeoutMs,
    attempts: { wasUnread: cycles > 0, failed: 0, failedOnItsOwn: 0, ownMs: 0 },
    startedAt: Number.NaN,
    dueAt: Number.NaN,
    failure: undefined,
  };
}

/** The attempts that start now. @param now milliseconds */
export function start(schedule: Schedule, now: number): Task[] {
  moveUnresponsive(schedule, now);
  return [schedule.responsive, schedule.unresponsive].flatMap((lane) =>
    startIn(lane, now, () => takeNew(lane, schedule)),
  );
}

/** Frees places of the responsive lane as long as the unresponsive one has room. */
function moveUnresponsive(schedule: Schedule, now: number): void {
  const { responsive, unresponsive } = schedule;
  for (const task of responsive.inFlight) {
    if (now - task.startedAt < PATIENCE_MS || unresponsive.inFlight.size >= unresponsive.limiter.limit)
      return;
    responsive.inFlight.delete(task);
    unresponsive.inFlight.add(task);
  }
}

function takeNew({ waiting }: Lane, schedule: Schedule): Task | undefined {
  if (schedule.answers === 0 && schedule.begun >= schedule.mostBegun) return undefined;
  const task = waiting.pop();
  if (task) schedule.begun += 1;
  return task;
}

/**
 * Records the end of an attempt.
 * @param leftMs until the deadline of the scrape
 * @returns whether the pod is attempted again
 */
export function settle(
  schedule: Schedule,
  task: Task,
  result: Result,
  { now, leftMs }: { now: number; leftMs: number },
): boolean {
  const { responsive, unresponsive } = schedule;
  responsive.inFlight.delete(task);
  unresponsive.inFlight.delete(task);
  if (!(result instanceof ScrapeError) || result.code === 'unparsable') {
    schedule.answers += 1;
    schedule.lost.clear();
    if (!task.attempts.wasUnread) recordAnswer(responsive.limiter, now - task.startedAt);
    recordAnswer(unresponsive.limiter, 0);
    return false;
  }
  if (result.overload) for (const { limiter } of [responsive, unresponsive]) recordOverload(limiter);
  if (UNRESPONSIVE.has(result.code)) noteTimeout(schedule);
  if (result.code === 'connection-lost') schedule.lost.add(task);
  noteFailure(task, result, schedule, now);
  const pauseMs = isFinal(result, schedule) ? undefined : pauseBefore(task.attempts, result);
  if (pauseMs === undefined || pauseMs >= leftMs) return false;
  pauseUntil(now + pauseMs, task, task.attempts.wasUnread ? unresponsive : responsive);
  return true;
}

/** If no pod answers, a few more show what is wrong: a closed port looks the same on a thousand nodes. */
function noteTimeout(schedule: Schedule): void {
  schedule.timeouts += 1;
  if (schedule.timeouts === NOTHING_READ.timeouts) schedule.mostBegun = schedule.begun + NOTHING_READ.probes;
}

/**
 * An API server that has just started answers 403 until it has read its roles. So a 403 is final only where the right
 * is missing from the start: no pod was read before, and the API server was not away.
 */
const isFinal = ({ code }: ScrapeError, { answers, lost }: Schedule): boolean =>
  code === 'scrape-forbidden' && answers === 0 && lost.size === 0;

function noteFailure(task: Task, failure: ScrapeError, schedule: Schedule, now: number): void {
  const { wasUnread, failed, failedOnItsOwn, ownMs } = task.attempts;
  const isItsOwn = !isOfApiServer(failure, schedule);
  // Another pod may be to blame for a connection that was lost, but not again and again.
  const isItsOwnDelay = isItsOwn && (failure.code !== 'connection-lost' || failed > 0);
  task.attempts = {
    wasUnread,
    failed: failed + 1,
    failedOnItsOwn: failedOnItsOwn + (isItsOwn ? 1 : 0),
    ownMs: ownMs + (isItsOwnDelay && schedule.answers > 0 ? now - task.startedAt : 0),
  };
  task.failure = failure;
}

/** While the API server fails for every pod, a failure says nothing about this one. */
const isOfApiServer = ({ code, overload }: ScrapeError, { lost, lostIfAway }: Schedule): boolean =>
  lost.size >= lostIfAway && (code === 'scrape-forbidden' || (code === 'connection-lost' && overload));

/** The next time at which an attempt may start even if none ends, milliseconds; undefined: there is none. */
export function nextStart({ responsive, unresponsive }: Schedule, now: number): number | undefined {
  const [oldest] = responsive.inFlight;
  const times = [
    responsive.paused[0]?.dueAt ?? Infinity,
    unresponsive.paused[0]?.dueAt ?? Infinity,
    oldest && responsive.waiting.length + responsive.paused.length > 0
      ? oldest.startedAt + PATIENCE_MS
      : Infinity,
  ].filter((time) => time > now);
  const next = Math.min(...times);
  return next === Infinity ? undefined : next;
}

export const inFlight = ({ responsive, unresponsive }: Schedule): number =>
  responsive.inFlight.size + unresponsive.inFlight.size;

/** The pods that are still waiting. */
export function waiting({ responsive, unresponsive }: Schedule): Task[] {
  return [responsive, unresponsive].flatMap((lane) => [...lane.paused, ...lane.waiting.toReversed()]);
}
