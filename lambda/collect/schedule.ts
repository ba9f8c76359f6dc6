import {
  type ConcurrencyLimiter,
  newConcurrencyLimiter,
  recordAnswer,
  recordOverload,
} from '../domain/concurrency-limiter.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { Pod } from './ports.ts';
import { type Attempts, pauseBefore } from './retry.ts';

export interface ScheduleOptions {
  /** Requests in flight at the most, beside those of silent pods; fewer while the server shows overload. */
  readonly concurrency: number;
  /** Time limit of one request, milliseconds. */
  readonly timeoutMs: number;
  /** In how many cycles in a row before this one the pod was not read. @default none */
  readonly unreadCycles?: (pod: string) => number;
}

export type Result = PodReading | ScrapeError;

/** What is asked of one pod, and what came of it so far. */
export interface Task {
  readonly pod: Pod;
  readonly timeoutMs: number;
  attempts: Attempts;
  /** Of the attempt in flight, milliseconds. */
  startedAt: number;
  /** When it is asked again, milliseconds. */
  dueAt: number;
  /** Of the last attempt. */
  failure: ScrapeError | undefined;
  /** As `Schedule.answers` stood at the last failure. */
  answersBefore: number;
}

interface Lane {
  /** Not asked yet, in the order of the list. */
  readonly waiting: Task[];
  /** To be asked again, the first due first. */
  readonly paused: Task[];
  /** In the order of their start. */
  readonly inFlight: Set<Task>;
}

/**
 * Which pods are asked next, and when. Two lanes: a pod that does not answer keeps its place for the whole time
 * limit of its request, so silent pods wait in a lane of their own and live ones are read meanwhile. A pod that was
 * silent in the last cycles begins in the silent lane; one that falls silent moves there.
 */
export interface Schedule {
  readonly limiter: ConcurrencyLimiter;
  readonly live: Lane;
  readonly silent: Lane;
  /** Pods asked at least once. */
  begun: number;
  /** Texts received, whether or not they can be parsed. */
  answers: number;
  /** Pods that gave no answer within their time limit. */
  timeouts: number;
  /** No more pods than these are asked for the first time while none has answered. */
  mostBegun: number;
}

/** A request without an answer for so long moves to the silent lane; a healthy pod takes some 20 ms. */
const PATIENCE_MS = 500;
/**
 * Places of the silent lane for each place of the live one, and at the most. For a dead node the API server keeps a
 * goroutine and a socket until its own dial ends, 30 s after the request (kube-apiserver 1.35), so the lane narrows
 * with the live one when the API server shows overload.
 */
const SILENT_LANE = { timesLive: 2.5, most: 250 };
/** From the second silent cycle on, a pod gets less time, but all of it in every fifth: a slow node is not lost. */
const SHORT = { timeoutMs: 1_000, afterCycles: 2, exceptEvery: 5 };
/** While no pod has answered: after so many timeouts a few more are asked, and no others. */
const NOTHING_READ = { timeouts: 50, probes: 10 };

export function newSchedule(pods: readonly Pod[], options: ScheduleOptions): Schedule {
  const tasks = pods.map((pod) => taskOf(pod, options));
  return {
    limiter: newConcurrencyLimiter(options.concurrency),
    live: laneOf(tasks.filter(({ attempts }) => !attempts.wasUnread)),
    silent: laneOf(tasks.filter(({ attempts }) => attempts.wasUnread)),
    begun: 0,
    answers: 0,
    timeouts: 0,
    mostBegun: Infinity,
  };
}

function taskOf(pod: Pod, { timeoutMs, unreadCycles }: ScheduleOptions): Task {
  const cycles = unreadCycles?.(pod.name) ?? 0;
  const isShort = cycles >= SHORT.afterCycles && cycles % SHORT.exceptEvery !== 0;
  return {
    pod,
    timeoutMs: isShort ? Math.min(timeoutMs, SHORT.timeoutMs) : timeoutMs,
    attempts: { wasUnread: cycles > 0, failed: 0, failedOnItsOwn: 0 },
    startedAt: Number.NaN,
    dueAt: Number.NaN,
    failure: undefined,
    answersBefore: 0,
  };
}

// Reversed, since the end of an array is taken off at no cost.
const laneOf = (tasks: readonly Task[]): Lane => ({
  waiting: tasks.toReversed(),
  paused: [],
  inFlight: new Set(),
});

/** Starts what may start now. @param now milliseconds */
export function start(schedule: Schedule, now: number): Task[] {
  const { live, silent, limiter } = schedule;
  moveSilent(schedule, now);
  return [
    ...startIn(live, limiter.limit, schedule, now),
    ...startIn(silent, silentPlaces(schedule), schedule, now),
  ];
}

const silentPlaces = ({ limiter }: Schedule): number =>
  Math.min(SILENT_LANE.most, Math.floor(limiter.limit * SILENT_LANE.timesLive));

/** Frees places of the live lane as far as the silent one has room. */
function moveSilent(schedule: Schedule, now: number): void {
  const { live, silent } = schedule;
  for (const task of live.inFlight) {
    if (now - task.startedAt < PATIENCE_MS || silent.inFlight.size >= silentPlaces(schedule)) return;
    live.inFlight.delete(task);
    silent.inFlight.add(task);
  }
}

function startIn(lane: Lane, places: number, schedule: Schedule, now: number): Task[] {
  const started: Task[] = [];
  while (lane.inFlight.size < places) {
    const task = takeDue(lane, now) ?? takeNew(lane, schedule);
    if (task === undefined) break;
    task.startedAt = now;
    lane.inFlight.add(task);
    started.push(task);
  }
  return started;
}

const takeDue = ({ paused }: Lane, now: number): Task | undefined =>
  paused[0] && paused[0].dueAt <= now ? paused.shift() : undefined;

function takeNew({ waiting }: Lane, schedule: Schedule): Task | undefined {
  if (schedule.answers === 0 && schedule.begun >= schedule.mostBegun) return undefined;
  const task = waiting.pop();
  if (task) schedule.begun += 1;
  return task;
}

/**
 * Takes note of how an attempt ended.
 * @param leftMs until the deadline of all
 * @returns whether the pod is asked again
 */
export function settle(
  schedule: Schedule,
  task: Task,
  result: Result,
  { now, leftMs }: { now: number; leftMs: number },
): boolean {
  const { live, silent, limiter } = schedule;
  live.inFlight.delete(task);
  silent.inFlight.delete(task);
  if (!(result instanceof ScrapeError) || result.code === 'unparsable') {
    schedule.answers += 1;
    if (!task.attempts.wasUnread) recordAnswer(limiter, now - task.startedAt);
    return false;
  }
  if (result.overload) recordOverload(limiter);
  if (result.code === 'scrape-timeout') noteTimeout(schedule);
  noteFailure(task, result, schedule.answers);
  const pauseMs = pauseBefore(task.attempts, result);
  if (pauseMs === undefined || pauseMs >= leftMs) return false;
  pauseUntil(now + pauseMs, task, schedule);
  return true;
}

/** When no pod answers, a few more tell what is wrong: a closed port looks the same on a thousand nodes. */
function noteTimeout(schedule: Schedule): void {
  schedule.timeouts += 1;
  if (schedule.timeouts === NOTHING_READ.timeouts) schedule.mostBegun = schedule.begun + NOTHING_READ.probes;
}

function noteFailure(task: Task, failure: ScrapeError, answers: number): void {
  const { wasUnread, failed, failedOnItsOwn } = task.attempts;
  // While the API server answers nobody, a failure says nothing of the pod.
  const isItsOwn = !failure.overload || answers > task.answersBefore;
  task.attempts = {
    wasUnread,
    failed: failed + 1,
    failedOnItsOwn: failedOnItsOwn + (isItsOwn ? 1 : 0),
  };
  task.failure = failure;
  task.answersBefore = answers;
}

function pauseUntil(time: number, task: Task, { live, silent }: Schedule): void {
  const { paused } = task.attempts.wasUnread ? silent : live;
  task.dueAt = time;
  paused.splice(paused.findLastIndex(({ dueAt }) => dueAt <= time) + 1, 0, task);
}

/** When something may start though no attempt has ended, milliseconds; undefined: not before one has. */
export function nextStart({ live, silent }: Schedule, now: number): number | undefined {
  const [oldest] = live.inFlight;
  const times = [
    live.paused[0]?.dueAt ?? Infinity,
    silent.paused[0]?.dueAt ?? Infinity,
    oldest && live.waiting.length + live.paused.length > 0 ? oldest.startedAt + PATIENCE_MS : Infinity,
  ].filter((time) => time > now);
  const next = Math.min(...times);
  return next === Infinity ? undefined : next;
}

export const inFlight = ({ live, silent }: Schedule): number => live.inFlight.size + silent.inFlight.size;

/** The pods that wait still. */
export function waiting({ live, silent }: Schedule): Task[] {
  return [live, silent].flatMap((lane) => [...lane.paused, ...lane.waiting.toReversed()]);
}
