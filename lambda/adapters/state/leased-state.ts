import type { StateStore } from '../../collect/ports.ts';
import type { Clock, Deadline } from '../../deadline.ts';
import type { Header } from '../../domain/state/header.ts';
import { UnusableState } from '../../domain/state/shape.ts';
import { CollectorError, expectedError } from '../../errors.ts';
import { join, MAX_TEXT_BYTES, NOTHING, type Packed, pack, split } from './packed-state.ts';
import type { VersionedObject } from './versioned-object.ts';

interface Options {
  readonly object: VersionedObject;
  readonly cluster: string;
  /** Unique among all stores of this object, in this process and in others. */
  readonly owner: string;
  readonly clock: Pick<Clock, 'now' | 'wait'>;
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

/** More conflicts in a row than there are runs that could cause them. */
const ATTEMPTS = 3;
/** Pause before a write under the lease is repeated, milliseconds; doubles each time. */
const FIRST_PAUSE_MS = 100;

/**
 * State in one object, advanced only under a lease. The lease is written before the pods are read, with the same
 * conditional write that stores the state: of two runs one acquires it, and only that one publishes counters. The
 * object is read only if nothing is known about it: at a cold start, after a conflict, after a write whose result is
 * unknown.
 */
export function leasedState({ object, cluster, owner, clock }: Options): StateStore {
  /** The object as it was last seen or written; undefined: unknown. */
  let stored: Stored | undefined;
  /** Where the last run of this store left off, whether or not it was stored; valid until another store writes. */
  let own: Packed | undefined;
  /** The run that has the lease, and the state that it has stored under it. */
  let run: { readonly lease: NonNullable<Header['lease']>; readonly prepared?: Packed } | undefined;

  async function load(deadline: Deadline): Promise<Stored> {
    const found = await object.read(deadline);
    if (!found) return { version: undefined, ...NOTHING };
    try {
      if (!found.bytes) throw new UnusableState('too large');
      return { version: found.version, ...split(found.bytes, cluster, clock.now()) };
    } catch (cause) {
      if (!(cause instanceof UnusableState)) throw cause;
      return { version: found.version, unusable: cause.message, ...NOTHING };
    }
  }

  async function replace(
    header: Header,
    { state, member }: Packed,
    version: string | undefined,
    deadline: Deadline,
  ): Promise<boolean> {
    // Until the write has succeeded, its result is unknown.
    stored = undefined;
    const written = await object.replace(join(header, { member }), version, deadline);
    if (written === undefined) return false;
    stored = { state, member, version: written, header };
    return true;
  }

  const latest = (current: Stored): Packed => (current.header?.writer === owner && own ? own : current);

  async function replaceOwn(
    header: Header,
    packed: Packed,
    deadline: Deadline,
  ): Promise<'written' | 'conflict' | 'lost'> {
    const current = stored ?? (await load(deadline));
    if (current.header?.writer !== owner) return 'lost';
    return (await replace(header, packed, current.version, deadline)) ? 'written' : 'conflict';
  }

  /**
   * Writes under the lease, and repeats the write as long as the object carries the lease and time is left: S3
   * answers 409 to a write that races with another and asks for a retry, and a write without an answer may have been
   * applied.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   */
  async function write(header: Header, packed: Packed, deadline: Deadline): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      const result = await replaceOwn(header, packed, deadline).catch(expectedError);
      if (result === 'written') return;
      if (result === 'lost')
        throw new CollectorError('state-failed', `another run wrote ${object.name} after its lease expired`);
      if (pauseMs >= deadline.remainingMs)
        throw result === 'conflict'
          ? new CollectorError('state-failed', `each write of ${object.name} met a conflict`)
          : result;
      await clock.wait(pauseMs);
    }
  }

  return {
    async read(deadline) {
      const current = await load(deadline);
      if (current.unusable !== undefined)
        throw new CollectorError('state-failed', `${object.name} is ${current.unusable}`);
      return latest(current).state;
    },

    async acquire(tick, leaseMs, deadline) {
      run = undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const current = stored ?? (await load(deadline));
        const packed = latest(current);
        const { state } = packed;
        if (state && tick <= state.time) return { outcome: 'published', at: state.time };

        const now = clock.now();
        const { header, version, unusable: reason } = current;
        stored = undefined;
        const other = header?.writer === owner ? undefined : header?.lease;
        if (other && other.until > now) return { outcome: 'held', by: other.tick };
        const key = reason && version && (await object.quarantine(version, now, deadline));
        if (reason && !key) continue;
        const lease = { tick, until: now + leaseMs };
        if (!(await replace({ cluster, writer: owner, lease }, packed, version, deadline))) continue;
        run = { lease };
        own = packed;
        return {
          outcome: 'acquired',
          state,
          ...(key && reason && { quarantine: { key, reason } }),
          ...(other && other.tick === state?.time && { unfinished: other.tick }),
        };
      }
      throw new CollectorError(
        'state-failed',
        `other runs wrote ${object.name} in each of ${ATTEMPTS} attempts to acquire its lease`,
      );
    },

    async prepare(state, deadline) {
      if (!run) throw new Error('the state is prepared only under the lease');
      const { lease } = run;
      const packed = pack(state);
      // No function of this size could read it again.
      if (!packed.isReadable)
        throw new CollectorError(
          'state-failed',
          `the state of ${state.pods.size} pods has ${packed.textBytes} bytes, and this function reads ${MAX_TEXT_BYTES} at most`,
          { remedy: `Give the function more memory, or delete ${object.name} to start from a baseline.` },
        );
      await write({ cluster, writer: owner, lease }, packed, deadline);
      run = { lease, prepared: packed };
    },

    async commit(deadline) {
      if (!run?.prepared) throw new Error('a commit needs a state that was prepared');
      own = run.prepared;
      run = undefined;
      await write({ cluster, writer: owner }, own, deadline);
    },

    async rollback(deadline) {
      if (!own || !run?.prepared) throw new Error('a rollback needs a state that was prepared');
      run = undefined;
      await write({ cluster, writer: owner }, own, deadline);
    },
  };
}
