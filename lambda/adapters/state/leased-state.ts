import type { StateStore } from '../../collect/ports.ts';
import type { Clock } from '../../deadline.ts';
import type { Header } from '../../domain/state/header.ts';
import { UnusableState } from '../../domain/state/shape.ts';
import { CollectorError } from '../../errors.ts';
import { join, NOTHING, type Packed, pack, split } from './packed-state.ts';
import type { VersionedObject } from './versioned-object.ts';

interface Options {
  readonly object: VersionedObject;
  readonly cluster: string;
  /** Unique among all stores of this object, in this process and in others. */
  readonly owner: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** The stored object. */
interface Stored extends Packed {
  /** Undefined: there is no object. */
  readonly version: string | undefined;
  /** Undefined: there is no object, or it is unusable. */
  readonly header?: Header;
  /** Why the object is unusable. */
  readonly unusable?: string;
}

/** What this store knows between two calls. */
type Memory =
  | { readonly kind: 'nothing' }
  /** The stored object, as it was last seen or written. */
  | { readonly kind: 'stored'; readonly stored: Stored }
  /** State that is published but not known to be stored: the next lease writes it. */
  | { readonly kind: 'uncommitted'; readonly packed: Packed };

/** More conflicts in a row than there are runs that could cause them. */
const ATTEMPTS = 3;

/**
 * State in one object, advanced only under a lease. The lease is written before the pods are read, with the same
 * conditional write that commits: of two runs one acquires it, and only that one publishes counters. The object is
 * read only when nothing is known of it: at a cold start, after a conflict, after a write whose result is unknown.
 */
export function leasedState({ object, cluster, owner, clock }: Options): StateStore {
  let memory: Memory = { kind: 'nothing' };

  async function load(signal: AbortSignal): Promise<Stored> {
    const found = await object.read(signal);
    if (!found) return { version: undefined, ...NOTHING };
    try {
      if (!found.bytes) throw new UnusableState('too large');
      return { version: found.version, ...split(found.bytes, cluster) };
    } catch (cause) {
      if (!(cause instanceof UnusableState)) throw cause;
      return { version: found.version, unusable: cause.message, ...NOTHING };
    }
  }

  async function replace(
    header: Header,
    { state, member }: Packed,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const written = await object.replace(join(header, { state, member }), version, signal);
    if (written === undefined) return false;
    memory = { kind: 'stored', stored: { state, member, version: written, header } };
    return true;
  }

  /** What a lease starts from: what is published, whether or not it was stored. */
  function latest(stored: Stored): Packed {
    return memory.kind === 'uncommitted' && tickOf(memory.packed) > tickOf(stored) ? memory.packed : stored;
  }

  /** Until a write succeeds, its result is unknown: what was stored before may no longer be. */
  function forgetStored(): void {
    if (memory.kind === 'stored') memory = { kind: 'nothing' };
  }

  return {
    async read({ signal }) {
      const stored = await load(signal);
      if (stored.unusable !== undefined)
        throw new CollectorError('state-failed', `${object.name} is ${stored.unusable}`);
      return latest(stored).state;
    },

    async acquire(tick, leaseMs, { signal }) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const stored = memory.kind === 'stored' ? memory.stored : await load(signal);
        const packed = latest(stored);
        const { state } = packed;
        if (state && tick <= state.time) return { outcome: 'published', at: state.time };

        const now = clock.now();
        const { header, version, unusable: reason } = stored;
        forgetStored();
        if (header?.lease && header.writer !== owner && header.lease.until > now)
          return { outcome: 'held', by: header.lease.tick };
        const key = reason && version && (await object.quarantine(version, now, signal));
        if (reason && !key) continue;
        const lease = { tick, until: now + leaseMs };
        if (await replace({ cluster, writer: owner, lease }, packed, version, signal))
          return { outcome: 'acquired', state, ...(key && reason && { quarantine: { key, reason } }) };
      }
      throw new CollectorError(
        'state-failed',
        `other runs wrote ${object.name} in each of ${ATTEMPTS} attempts to acquire its lease`,
      );
    },

    async commit(state, { signal }) {
      if (memory.kind !== 'stored' || !memory.stored.header?.lease)
        throw new Error('a commit needs the lease');
      const { version } = memory.stored;
      const packed = pack(state);
      memory = { kind: 'uncommitted', packed };
      if (await replace({ cluster, writer: owner }, packed, version, signal)) return;
      // Another run took the expired lease, or this very write was applied and its answer lost.
      const stored = await load(signal);
      if (stored.header?.writer !== owner || stored.state?.time !== state.time)
        throw new CollectorError(
          'state-failed',
          `another run wrote ${object.name} after its lease was acquired`,
        );
      memory = { kind: 'stored', stored };
    },
  };
}

const tickOf = ({ state }: Packed): number => state?.time ?? Number.NEGATIVE_INFINITY;
