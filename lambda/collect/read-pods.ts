import { addFailure, addReading, emptyFold, type Fold } from '../domain/fold.ts';
import { hasOwnIpamd, type PodHistory } from '../domain/own-ipamd.ts';
import type { State } from '../domain/state/state.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader, Pod } from './ports.ts';
import type { Result } from './schedule.ts';
import { type ScrapeOptions, scrape } from './scrape.ts';

/** Which pods to read. */
interface PodsToRead {
  readonly counted: readonly Pod[];
  /** Pods that share an address, the youngest first: which of them count is decided once all pods are read. */
  readonly rivals: readonly Pod[];
  /** By pod name, what earlier cycles have read. */
  readonly memories: State['pods'] | undefined;
}

/**
 * Reads every pod that counts into one fold.
 * @param each called for every pod that counts and is read or has failed
 * @returns the fold, and the rivals that count
 */
export async function readPods(
  cluster: Pick<ClusterReader, 'readMetrics'>,
  { counted, rivals, memories }: PodsToRead,
  options: ScrapeOptions,
  each: (pod: Pod, result: Result) => void,
): Promise<{ readonly fold: Fold; readonly alive: readonly Pod[] }> {
  const fold = emptyFold();
  const add = (pod: Pod, result: Result) => {
    if (result instanceof ScrapeError) addFailure(fold, pod.name, result.code, result.message);
    else addReading(fold, pod, result);
    each(pod, result);
  };
  const undecided = new Set(rivals);
  const results = new Map<Pod, Result>();
  // All in one: the limits of requests in flight hold for the rivals too.
  await scrape(cluster, [...counted, ...rivals], options, (pod, result) => {
    if (undecided.has(pod)) results.set(pod, result);
    else add(pod, result);
  });
  const ofAddresses = Map.groupBy(rivals, ({ address }) => address);
  const alive = rivals.filter((rival) => {
    const result = results.get(rival);
    const others = (ofAddresses.get(rival.address) ?? []).slice(0, MAX_RIVALS);
    if (!result || !isAlive(rival, result, others, { readings: fold.readings, memories })) return false;
    add(rival, result);
    return true;
  });
  return { fold, alive };
}

/**
 * A new node and one that is gone are two. Any number of compromised nodes can claim one address, and to compare each of a
 * thousand with each other takes seconds.
 */
const MAX_RIVALS = 20;

/**
 * Whether a rival has an ipamd of its own. Only an answer shows that its node is gone, in this cycle or an earlier one: a
 * node that is down must not be hidden by one that claims its address.
 */
function isAlive({ name }: Pod, result: Result, ofAddress: readonly Pod[], known: PodHistory): boolean {
  if (result instanceof ScrapeError) return known.memories?.get(name)?.missingSince === undefined;
  const others = ofAddress.flatMap((rival) => (rival.name === name ? [] : rival.name));
  return hasOwnIpamd(name, result, others, known);
}
