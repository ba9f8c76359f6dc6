import { decode, ExpositionError } from './domain/exposition.ts';
import { addFailure, addReading, emptyFold, type Fold } from './domain/fold.ts';
import type { PodReading } from './domain/pod-reading.ts';
import { ScrapeError } from './errors.ts';
import type { ClusterApi, Pod } from './ports.ts';
import { type Outcome, type ScrapeOptions, scrape } from './scrape.ts';

/**
 * Reads every pod into one fold; no answer is kept after it is folded.
 * @param each is told of every pod as soon as it is read or has failed
 */
export async function readPods(
  api: Pick<ClusterApi, 'readMetrics'>,
  pods: readonly Pod[],
  options: ScrapeOptions,
  each: (pod: Pod, result: PodReading | ScrapeError) => void,
): Promise<Fold> {
  const fold = emptyFold();
  await scrape(api, pods, options, (pod, outcome) => {
    const result = resultOf(outcome);
    if (result instanceof ScrapeError) addFailure(fold, pod.name, result.code, result.message);
    else addReading(fold, pod, result);
    each(pod, result);
  });
  return fold;
}

function resultOf(outcome: Outcome): PodReading | ScrapeError {
  return 'failure' in outcome ? outcome.failure : readingOf(outcome.bytes);
}

/** What an answer says, or why it cannot be read. */
export function readingOf(bytes: Uint8Array): PodReading | ScrapeError {
  try {
    return decode(bytes);
  } catch (cause) {
    if (!(cause instanceof ExpositionError)) throw cause;
    return new ScrapeError('unparsable', cause.message, { cause });
  }
}
