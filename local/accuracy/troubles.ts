import type { VersionedObject } from '../../lambda/adapters/state/versioned-object.ts';
import { CollectorError } from '../../lambda/errors.ts';
import type { Random } from '../simulation/random.ts';

/** How often things go wrong: of each kind the share of its occasions. Far more than on a real cluster. */
export const CHANCES = {
  /** Of deliveries. */
  dropped: 0.005,
  duplicated: 0.03,
  /** Of runs. */
  slowList: 0.02,
  failedList: 0.005,
  crash: 0.005,
  /** Behind the publishing. */
  lateCrash: 0.005,
  failedPublish: 0.03,
  retired: 0.03,
  /** Of reads of a pod. */
  failedRead: 0.01,
  brokenRead: 0.005,
  garbledRead: 0.002,
  slowRead: 0.01,
  /** Of requests to the store. */
  failedLoad: 0.02,
  lostWrite: 0.02,
  unansweredWrite: 0.02,
} as const;

export type Trouble = keyof typeof CHANCES;

/** Decides what goes wrong, and keeps count of it. */
export interface Fate {
  happens(trouble: Trouble): boolean;
  readonly happened: Readonly<Record<Trouble, number>>;
}

export function createFate(random: Random): Fate {
  const happened = Object.fromEntries(Object.keys(CHANCES).map((trouble) => [trouble, 0])) as Record<
    Trouble,
    number
  >;
  return {
    happened,
    happens(trouble) {
      if (!random.chance(CHANCES[trouble])) return false;
      happened[trouble] += 1;
      return true;
    },
  };
}

/** An object store over a bad line. */
export function troubledObject(object: VersionedObject, fate: Fate, random: Random): VersionedObject {
  const failed = (what: string) => new CollectorError('state-failed', what);
  return {
    ...object,
    async read(deadline) {
      if (fate.happens('failedLoad')) throw failed('the read failed');
      return object.read(deadline);
    },
    async replace(bytes, version, deadline) {
      if (fate.happens('lostWrite')) throw failed('the write was lost');
      const written = await object.replace(bytes, version, deadline);
      if (!fate.happens('unansweredWrite')) return written;
      // The request is repeated and refused because of its own effect; or that answer is lost as well.
      if (random.chance(0.5)) return undefined;
      throw failed('the write was not answered');
    },
  };
}
