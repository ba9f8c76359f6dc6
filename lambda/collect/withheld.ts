import { CollectorError } from '../errors.ts';
import type { StateStore } from './ports.ts';

/**
 * A function that is cut off leaves a lease for two minutes after its deadline, so up to three ticks without the lease are no
 * fault.
 */
const MAX_WITHHELD = 5;
/** What a tick with the lease takes back: if it were all, damage every other minute would cost half of all events in silence. */
const TAKEN_BACK = 0.1;

/**
 * The same store, but a lease carries a failure when there is nothing to count from again and again: a second writer of
 * the state, or somebody who damages or deletes it, would otherwise withhold the counters without any error. Each tick
 * counts once, however often it is delivered.
 */
export function failingWhenWithheld(store: StateStore): StateStore {
  let withheld = 0;
  let latest = Number.NEGATIVE_INFINITY;
  return {
    ...store,
    async acquire(tick, leaseMs, deadline) {
      const lease = await store.acquire(tick, leaseMs, deadline);
      if (lease.outcome === 'acquired' && lease.state !== undefined) {
        withheld = Math.max(0, withheld - TAKEN_BACK);
        return lease;
      }
      if (tick > latest) withheld = Math.min(MAX_WITHHELD, withheld + 1);
      latest = Math.max(latest, tick);
      return withheld < MAX_WITHHELD ? lease : { ...lease, failure: withheldFailure() };
    },
  };
}

const withheldFailure = () =>
  new CollectorError(
    'state-failed',
    `for ${MAX_WITHHELD} or more of the latest ticks the state was missing, unusable, in use or already ahead`,
    {
      remedy:
        'Find out who else writes the object of STATE_KEY: another function with the same bucket and key, or somebody who should not.',
    },
  );
