import { newPace, noteAnswer, noteStrain } from '../domain/concurrency-limiter.ts';
import { ExpositionError } from '../domain/exposition/decode.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterApi, Pod } from './ports.ts';

export interface ScrapeOptions {
  /** Requests in flight at the most; fewer while the server shows strain. */
  readonly concurrency: number;
  /** Time limit of one request, milliseconds. */
  readonly perPodMs: number;
  /** Milliseconds left for all of it; falls to 0 and below. */
  remainingMs(): number;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

interface Attempt {
  readonly pod: Pod;
  /** Why the first attempt failed; absent in the first. */
  readonly earlier?: ScrapeError;
}

/**
 * Reads all pods, several at a time. Every pod gets exactly one result, in the order of completion; what is
 * retryable is tried once more, after all others, so that a brief trouble has passed. Pods that are not reached
 * in time fail as `deadline-reached`.
 * @throws what `each` throws, and what `api` throws that is no ScrapeError: a fault of the program
 */
export function scrape(
  api: Pick<ClusterApi, 'readMetrics'>,
  pods: readonly Pod[],
  { concurrency, perPodMs, remainingMs, wait }: ScrapeOptions,
  each: (pod: Pod, result: PodReading | ScrapeError) => void,
): Promise<void> {
  const pace = newPace(concurrency);
  const queue: Attempt[] = pods.map((pod) => ({ pod }));
  let next = 0;
  let active = 0;
  let open = pods.length;

  return new Promise((resolve, reject) => {
    const finish = (pod: Pod, result: PodReading | ScrapeError) => {
      each(pod, result);
      open -= 1;
      if (open === 0) resolve();
    };

    const fail = (pod: Pod, failure: ScrapeError) => {
      const delay = failure.retryAfterMs ?? 0;
      if (!failure.retryable || delay >= remainingMs()) return finish(pod, failure);
      const again = () => {
        queue.push({ pod, earlier: failure });
        fill();
      };
      // The wait holds no place: others go on meanwhile.
      if (delay > 0) wait(delay).then(again).catch(reject);
      else queue.push({ pod, earlier: failure });
    };

    const attempt = async ({ pod, earlier }: Attempt) => {
      const left = remainingMs();
      if (left <= 0) return finish(pod, earlier ?? notReached());
      let answer: PodReading | ExpositionError;
      try {
        answer = await api.readMetrics(pod, Math.min(perPodMs, left));
      } catch (error) {
        if (!(error instanceof ScrapeError)) throw error;
        // A dead node is no sign of a strained API server; what may well succeed at once is.
        if (error.retryable) noteStrain(pace);
        return earlier ? finish(pod, error) : fail(pod, error);
      }
      noteAnswer(pace, left - remainingMs());
      finish(pod, resultOf(answer));
    };

    const fill = () => {
      while (active < pace.limit) {
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

/** The reading, or the failure that its text amounts to. */
export function resultOf(answer: PodReading | ExpositionError): PodReading | ScrapeError {
  return answer instanceof ExpositionError
    ? new ScrapeError('unparsable', answer.message, { cause: answer })
    : answer;
}

const notReached = () => new ScrapeError('deadline-reached', 'the time for reading was over before its turn');
