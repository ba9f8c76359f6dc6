import type { Clock, Deadline } from '../deadline.ts';
import { ExpositionError } from '../domain/exposition/error.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { Task } from './lane.ts';
import type { ClusterReader, Pod } from './ports.ts';
import {
  inFlight,
  newSchedule,
  nextStart,
  type Result,
  type ScheduleOptions,
  settle,
  start,
  waiting,
} from './schedule.ts';

export interface ScrapeOptions extends ScheduleOptions {
  /** Of the whole scrape. */
  readonly deadline: Deadline;
  readonly clock: Clock;
}

/** An attempt that ended. `fault` is an error other than a ScrapeError: a fault of the program. */
type Ended = { readonly task: Task } & ({ readonly result: Result } | { readonly fault: unknown });

/**
 * Reads all pods in parallel. Every pod gets exactly one result, in the order of completion. A retryable failure is
 * retried after growing pauses as long as the deadline leaves time; a timeout is not retried. Pods that are not
 * attempted fail as `deadline-reached`, or as `not-attempted` if all pods before them were unresponsive.
 * @throws what `each` throws, and errors of `cluster` other than ScrapeError: faults of the program
 */
export async function scrape(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  pods: readonly Pod[],
  options: ScrapeOptions,
  each: (pod: Pod, result: Result) => void,
): Promise<void> {
  const { clock, deadline } = options;
  const schedule = newSchedule(pods, options);
  const ended: Ended[] = [];
  let wake = Promise.withResolvers<void>();
  let wakesAt = Infinity;

  const attempt = async (task: Task) => {
    try {
      const answer = await cluster.readMetrics(task.pod, deadline.within(task.timeoutMs));
      ended.push({ task, result: resultOf(answer) });
    } catch (error) {
      ended.push(error instanceof ScrapeError ? { task, result: error } : { task, fault: error });
    }
    wake.resolve();
  };

  const wakeAt = (time: number, now: number) => {
    if (time >= wakesAt) return;
    wakesAt = time;
    clock.wait(time - now).then(() => {
      wakesAt = Infinity;
      wake.resolve();
    });
  };

  while (true) {
    const now = clock.elapsed();
    if (!deadline.hasPassed) {
      for (const task of start(schedule, now)) attempt(task);
      const next = nextStart(schedule, now);
      if (next !== undefined) wakeAt(next, now);
      else if (inFlight(schedule) === 0) break;
    } else if (inFlight(schedule) === 0) break;

    await wake.promise;
    wake = Promise.withResolvers();
    for (const end of ended.splice(0)) {
      if ('fault' in end) throw end.fault;
      const { task, result } = end;
      const isRetried = settle(schedule, task, result, {
        now: clock.elapsed(),
        leftMs: deadline.remainingMs,
      });
      if (!isRetried) each(task.pod, result);
    }
  }
  const why = deadline.hasPassed ? notReached() : notAttempted();
  for (const { pod, failure } of waiting(schedule)) each(pod, failure ?? why);
}

/** The reading, or the failure if the text cannot be parsed. */
export function resultOf(answer: PodReading | ExpositionError): Result {
  return answer instanceof ExpositionError
    ? new ScrapeError('unparsable', answer.message, { cause: answer })
    : answer;
}

const notReached = () =>
  new ScrapeError('deadline-reached', 'deadline reached before this pod was attempted');
const notAttempted = () =>
  new ScrapeError('not-attempted', 'no pod that was attempted before this one gave an answer');
