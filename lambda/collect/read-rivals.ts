import { addFailure, addReading, type Fold } from '../domain/fold.ts';
import { hasOwnIpamd } from '../domain/own-ipamd.ts';
import type { State } from '../domain/state/state.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader, Pod } from './ports.ts';
import type { Result } from './schedule.ts';
import { type ScrapeOptions, scrape } from './scrape.ts';

/** Reads pods that share an address; which of the answers count is decided once all pods are read. */
export async function readRivals(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  rivals: readonly Pod[],
  options: ScrapeOptions,
): Promise<ReadonlyMap<Pod, Result>> {
  const results = new Map<Pod, Result>();
  await scrape(cluster, rivals, options, (pod, result) => results.set(pod, result));
  return results;
}

/**
 * Adds the rivals that have an ipamd of their own to the fold. Of those without an answer only the youngest of its address
 * counts: most likely the nodes of the others are gone.
 * @param rivals the youngest first
 * @returns the rivals that count
 */
export function addRivals(
  fold: Fold,
  rivals: readonly Pod[],
  results: ReadonlyMap<Pod, Result>,
  memories: State['pods'] | undefined,
): readonly Pod[] {
  return rivals.filter((rival) => {
    const result = results.get(rival);
    if (!result) return false;
    const ofAddress = rivals.filter(({ address }) => address === rival.address);
    if (result instanceof ScrapeError) {
      if (ofAddress[0] !== rival) return false;
      addFailure(fold, rival.name, result.code, result.message);
      return true;
    }
    const others = ofAddress.flatMap(({ name }) => (name === rival.name ? [] : name));
    if (!hasOwnIpamd(rival.name, result, others, { readings: fold.readings, memories })) return false;
    addReading(fold, rival, result);
    return true;
  });
}
