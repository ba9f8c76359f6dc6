import type { Clock, Deadline } from '../deadline.ts';
import { newConcurrencyLimiter, recordAnswer, recordOverload } from '../domain/concurrency-limiter.ts';
import { ExpositionError } from '../domain/exposition/error.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader, Pod } from './ports.ts';

export interface ScrapeOptions {
  /** Requests in flight at the most; fewer while the server shows overload. */
  readonly concurrency: number;
  /** Time limit of one request, milliseconds. */
  readonly timeoutMs: number;
  /** For all of it. */
  readonly deadline: Deadline;
  readonly clock: Clock;
}

type Result = PodReading | ScrapeError;

interface Attempt {
  readonly pod: Pod;
  /** Why the first attempt failed; absent in the first. */
  readonly earlier?: ScrapeError;
}

/**
 * Reads all pods, several at a time. Every pod gets exactly one result, in the order of completion. What is
 * retryable is tried once more after all others, so that a brief fault has passed. Pods that are not attempted
 * before the deadline fail as `deadline-reached`.
 * @throws what `each` throws, and what `cluster` throws that is no ScrapeError: a fault of the program
 */
export function scrape(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  pods: readonly Pod[],
  { concurrency, timeoutMs, deadline, clock }: ScrapeOptions,
  each: (pod: Pod, result: Result) => void,
): Promise<void> {
  const limiter = newConcurrencyLimiter(concurrency);
  const queue: Attempt[] = pods.map((pod) => ({ pod }));
  let next = 0;
  let active = 0;
  let open = pods.length;

  return new Promise((resolve, reject) => {
    const finish = (pod: Pod, result: Result) => {
      each(pod, result);
      open -= 1;
      if (open === 0) resolve();
    };

    const retry = (pod: Pod, failure: ScrapeError) => {
      const delay = failure.retryAfterMs ?? 0;
      if (!failure.retryable || delay >= deadline.remainingMs) return finish(pod, failure);
      const again = () => {
        queue.push({ pod, earlier: failure });
        fill();
      };
      // The wait holds no place: others go on meanwhile.
      if (delay > 0) clock.wait(delay).then(again).catch(reject);
      else queue.push({ pod, earlier: failure });
    };

    const attempt = async ({ pod, earlier }: Attempt) => {
      if (deadline.hasPassed) return finish(pod, earlier ?? notAttempted());
      const start = clock.elapsed();
      let answer: PodReading | ExpositionError;
      try {
        answer = await cluster.readMetrics(pod, deadline.within(timeoutMs));
      } catch (error) {
        if (!(error instanceof ScrapeError)) throw error;
        // A dead node is no sign of an overloaded API server; what may well succeed at once is.
        if (error.retryable) recordOverload(limiter);
        return earlier ? finish(pod, error) : retry(pod, error);
      }
      recordAnswer(limiter, clock.elapsed() - start);
      finish(pod, resultOf(answer));
    };

    const fill = () => {
      while (active < limiter.limit) {
        const task = queue[next];
        if (!task) return;
        next += 1;
        active += 1;
        attempt(task).then(() => {
          active -= 1;
          fill();
        }, reject);
      }
    };

    if (open === 0) resolve();
    fill();
  });
}

/** The reading, or the failure where the text cannot be parsed. */
export function resultOf(answer: PodReading | ExpositionError): Result {
  return answer instanceof ExpositionError
    ? new ScrapeError('unparsable', answer.message, { cause: answer })
    : answer;
}

const notAttempted = () =>
  new ScrapeError('deadline-reached', 'deadline reached before this pod was attempted');
