import type { ConcurrencyLimiter } from '../domain/concurrency-limiter.ts';
import type { ScrapeError } from '../errors.ts';
import type { Pod } from './ports.ts';
import type { Attempts } from './retry.ts';

/** One pod and its attempts so far. */
export interface Task {
  readonly pod: Pod;
  readonly timeoutMs: number;
  attempts: Attempts;
  /** Start of the attempt in flight, milliseconds. */
  startedAt: number;
  /** Time of the next attempt, milliseconds. */
  dueAt: number;
  /** The failure of the last attempt. */
  failure: ScrapeError | undefined;
}

/** Pods that share a limit of requests in flight. */
export interface Lane {
  readonly limiter: ConcurrencyLimiter;
  /** Not attempted yet, the next one last. */
  readonly waiting: Task[];
  /** Waiting for another attempt, the earliest first. */
  readonly paused: Task[];
  /** The oldest first. */
  readonly inFlight: Set<Task>;
}

/** @param tasks in the order of their first attempts; reversed, because taking the last element is cheap */
export const laneOf = (limiter: ConcurrencyLimiter, tasks: readonly Task[]): Lane => ({
  limiter,
  waiting: tasks.toReversed(),
  paused: [],
  inFlight: new Set(),
});

/** The attempts of the lane that start now: those that are due, then new ones. */
export function startIn(lane: Lane, now: number, takeNew: () => Task | undefined): Task[] {
  const started: Task[] = [];
  while (lane.inFlight.size < lane.limiter.limit) {
    const task = takeDue(lane, now) ?? takeNew();
    if (task === undefined) break;
    task.startedAt = now;
    lane.inFlight.add(task);
    started.push(task);
  }
  return started;
}

const takeDue = ({ paused }: Lane, now: number): Task | undefined =>
  paused[0] && paused[0].dueAt <= now ? paused.shift() : undefined;

/** Lets a task wait for another attempt. */
export function pauseUntil(time: number, task: Task, { paused }: Lane): void {
  task.dueAt = time;
  paused.splice(paused.findLastIndex(({ dueAt }) => dueAt <= time) + 1, 0, task);
}
