import { addFailure, addReading, emptyFold, type Fold } from '../domain/fold.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader, Pod } from './ports.ts';
import { type ScrapeOptions, scrape } from './scrape.ts';

/**
 * Reads every pod into one fold.
 * @param each called for every pod as soon as it is read or has failed
 */
export async function readPods(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  pods: readonly Pod[],
  options: ScrapeOptions,
  each: (pod: Pod, result: PodReading | ScrapeError) => void,
): Promise<Fold> {
  const fold = emptyFold();
  await scrape(cluster, pods, options, (pod, result) => {
    if (result instanceof ScrapeError) addFailure(fold, pod.name, result.code, result.message);
    else addReading(fold, pod, result);
    each(pod, result);
  });
  return fold;
}
