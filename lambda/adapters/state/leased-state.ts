import type { Clock, ReadingsStore } from '../../collect/ports.ts';
import type { Header } from '../../domain/state/header.ts';
import { UnusableReadings } from '../../domain/state/shape.ts';
import { CollectorError } from '../../errors.ts';
import { abortAfter } from '../abort-after.ts';
import { join, NOTHING, type Packed, pack, split } from './packed-state.ts';

/** One stored object that only those replace who have seen its present version. */
export interface VersionedObject {
  /** As messages name it. */
  readonly name: string;
  /**
   * Undefined: there is none. Without `bytes`: too large to be readings.
   * @throws CollectorError
   */
  read(signal: AbortSignal): Promise<{ readonly version: string; readonly bytes?: Uint8Array } | undefined>;
  /**
   * @param version what must be there; undefined: nothing
   * @returns the new version; undefined: something else is there, nothing was written
   * @throws CollectorError where it may or may not have been written
   */
  replace(bytes: Uint8Array, version: string | undefined, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Copies this version to where it will not be overwritten.
   * @returns the name of the copy; undefined: something else is there
   * @throws CollectorError
   */
  setAside(version: string, time: number, signal: AbortSignal): Promise<string | undefined>;
}

interface Options {
  readonly object: VersionedObject;
  readonly cluster: string;
  /** Unique among all stores of this object, in this process and in others. */
  readonly owner: string;
  readonly clock: Clock;
}

/** What is known to be stored. */
interface Held extends Packed {
  /** Undefined: no object. */
  readonly version: string | undefined;
  /** Undefined: no object, or one that is not usable. */
  readonly header?: Header;
  /** Why the object cannot be used. */
  readonly unusable?: string;
}

/** More conflicts in a row than there are runs that could cause them. */
const ATTEMPTS = 3;

/**
 * Readings in one object, advanced only under a claim. The claim is written before the pods are read, with
 * the same conditional write that commits: of two runs one gets it, and only that one publishes counters.
 * The object is read only when nothing is held of it: at a cold start, after a conflict, after a write of
 * unknown fate.
 */
export function claimedReadings({ object, cluster, owner, clock }: Options): ReadingsStore {
  let held: Held | undefined;
  /** Published, but not known to be stored: the next claim writes them. */
  let uncommitted: Packed | undefined;

  async function load(signal: AbortSignal): Promise<Held> {
    const found = await object.read(signal);
    if (!found) return { version: undefined, ...NOTHING };
    try {
      if (!found.bytes) throw new UnusableReadings('too large');
      return { version: found.version, ...split(found.bytes, cluster) };
    } catch (cause) {
      if (!(cause instanceof UnusableReadings)) throw cause;
      return { version: found.version, unusable: cause.message, ...NOTHING };
    }
  }

  /** A write that fails leaves its fate unknown, so nothing is held until it succeeds. */
  async function replace(
    header: Header,
    content: Packed,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    held = undefined;
    const written = await object.replace(join(header, content), version, signal);
    if (written === undefined) return false;
    held = { ...content, version: written, header };
    uncommitted = undefined;
    return true;
  }

  return {
    async read(budgetMs) {
      const { unusable, ...present } = await load(abortAfter(budgetMs));
      if (unusable !== undefined) throw new CollectorError('state-failed', `${object.name} is ${unusable}`);
      return later(present, uncommitted).readings;
    },

    async claim(tick, untilMs, budgetMs) {
      const signal = abortAfter(budgetMs);
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        held ??= await load(signal);
        const present = held;
        const content = later(present, uncommitted);
        const { readings } = content;
        if (readings && tick <= readings.time) return { outcome: 'published', at: readings.time };

        const now = clock.now();
        const { header, version, unusable: reason } = present;
        if (header?.claim && header.writer !== owner && header.claim.until > now) {
          held = undefined;
          return { outcome: 'busy', by: header.claim.tick };
        }
        held = undefined;
        const key = reason && version && (await object.setAside(version, now, signal));
        if (reason && !key) continue;
        const claim = { tick, until: now + untilMs };
        if (await replace({ cluster, writer: owner, claim }, content, version, signal)) {
          return { outcome: 'granted', readings, ...(key && reason && { setAside: { key, reason } }) };
        }
      }
      throw new CollectorError(
        'state-failed',
        `${object.name} was written by other runs each of the ${ATTEMPTS} times this one tried to claim it`,
      );
    },

    async commit(readings, budgetMs) {
      const signal = abortAfter(budgetMs);
      if (!held?.header?.claim) throw new Error('a commit needs a claim');
      uncommitted = pack(readings);
      if (await replace({ cluster, writer: owner }, uncommitted, held.version, signal)) return;
      // Another run took the expired claim, or this very write was applied and its answer lost.
      const present = await load(signal);
      if (present.header?.writer !== owner || present.readings?.time !== readings.time) {
        throw new CollectorError(
          'state-failed',
          `${object.name} was written by another run since it was claimed`,
        );
      }
      held = present;
      uncommitted = undefined;
    },
  };
}

/** What is published is behind us, whether or not it was stored. */
function later<Content extends Packed>(stored: Content, uncommitted: Packed | undefined): Content | Packed {
  const published = uncommitted?.readings?.time ?? Number.NEGATIVE_INFINITY;
  return uncommitted && published > (stored.readings?.time ?? Number.NEGATIVE_INFINITY)
    ? uncommitted
    : stored;
}
