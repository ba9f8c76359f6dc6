import { addReading, type Fold } from '../domain/fold.ts';
import { hasOwnIpamd } from '../domain/own-ipamd.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import type { State } from '../domain/state/state.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader, Pod } from './ports.ts';
import { type ScrapeOptions, scrape } from './scrape.ts';

/** Reads the pods whose address a younger pod has; which of the answers count is decided once all pods are read. */
export async function readRivals(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  rivals: readonly Pod[],
  options: ScrapeOptions,
): Promise<ReadonlyMap<Pod, PodReading>> {
  const answers = new Map<Pod, PodReading>();
  await scrape(cluster, rivals, options, (pod, result) => {
    if (!(result instanceof ScrapeError)) answers.set(pod, result);
  });
  return answers;
}

/**
 * Adds the rivals that have an ipamd of their own to the fold. One without an answer does not count: most likely its
 * node is gone.
 * @param pods all pods that count or may count
 * @param rivals the youngest first
 * @returns the rivals that count
 */
export function addRivals(
  fold: Fold,
  pods: readonly Pod[],
  rivals: readonly Pod[],
  answers: ReadonlyMap<Pod, PodReading>,
  memories: State['pods'] | undefined,
): readonly Pod[] {
  return rivals.filter((rival) => {
    const answer = answers.get(rival);
    if (!answer) return false;
    const others = pods.filter((pod) => pod !== rival && pod.address === rival.address);
    const names = others.map(({ name }) => name);
    if (!hasOwnIpamd(rival.name, answer, names, { readings: fold.readings, memories })) return false;
    addReading(fold, rival, answer);
    return true;
  });
}
