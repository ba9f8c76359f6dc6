import type { VersionedObject } from '../../lambda/adapters/state/versioned-object.ts';
import { CollectorError } from '../../lambda/errors.ts';
import type { Random } from '../simulation/random.ts';

/** How often each fault occurs, as a share of its occasions: far more often than on a real cluster. */
const FAULT_RATES = {
  /** Of deliveries. */
  dropped: 0.005,
  duplicated: 0.03,
  /** Of runs. */
  slowList: 0.02,
  failedList: 0.005,
  crash: 0.005,
  /** After the publishing. */
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

type FaultKind = keyof typeof FAULT_RATES;

/** Decides at random which faults occur, and counts them. */
export interface FaultSource {
  /** Whether a fault occurs on this occasion. */
  occurs(kind: FaultKind): boolean;
  /** How often each occurred so far. */
  readonly counts: Readonly<Record<FaultKind, number>>;
}

export function createFaultSource(random: Random): FaultSource {
  const counts = Object.fromEntries(Object.keys(FAULT_RATES).map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  return {
    counts,
    occurs(kind) {
      if (!random.chance(FAULT_RATES[kind])) return false;
      counts[kind] += 1;
      return true;
    },
  };
}

/** An object store whose requests fail at random, before or after they took effect. */
export function unreliableObject(
  object: VersionedObject,
  faults: FaultSource,
  random: Random,
): VersionedObject {
  const failed = (what: string) => new CollectorError('state-failed', what);
  return {
    ...object,
    async read(deadline) {
      if (faults.occurs('failedLoad')) throw failed('the read failed');
      return object.read(deadline);
    },
    async replace(bytes, version, deadline) {
      if (faults.occurs('lostWrite')) throw failed('the write was lost');
      const written = await object.replace(bytes, version, deadline);
      if (!faults.occurs('unansweredWrite')) return written;
      // The SDK sends the request again, which is refused because of its own effect; or that answer is lost as well.
      if (random.chance(0.5)) return undefined;
      throw failed('the write was not answered');
    },
  };
}
