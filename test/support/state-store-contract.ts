import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER_MEMBER_BYTES } from '../../lambda/adapters/state/packed-state.ts';
import type { StateStore } from '../../lambda/collect/ports.ts';
import type { Clock } from '../../lambda/deadline.ts';
import { deadlineIn } from './deadline.ts';
import { acquire, acquiredFrom, advance, MINUTE, publish, T0, tick } from './state-store-steps.ts';
import { someState } from './states.ts';

/** Where a kind of store keeps its bytes, as the contract needs it. */
export interface Backing {
  /** A store of the same state as every other `owner` has. */
  open(owner: string, clock: Pick<Clock, 'now' | 'wait'>): StateStore;
  /** What is stored under a name; without one, the state itself. */
  bytes(name?: string): Promise<Uint8Array | undefined>;
  /** Replaces the stored state; undefined: removes it. */
  overwrite(bytes: Uint8Array | undefined): Promise<void>;
  close(): Promise<void>;
}

/** The cluster that `open` must use. */
export const CLUSTER = 'prod';

/** What every store of the state has to do, whatever keeps its bytes. */
export function stateStoreContract(kind: string, start: () => Promise<Backing>): void {
  describe(`state in ${kind}`, () => {
    let backing: Backing;
    let now: number;
    const open = (owner: string) => backing.open(owner, { now: () => now, wait: async () => {} });

    beforeEach(async () => {
      backing = await start();
      now = T0;
    });
    afterEach(() => backing.close());

    test('nothing was ever committed', async () => {
      const store = open('one');
      expect(await store.read(deadlineIn())).toBeUndefined();
      expect(await acquire(store, 1)).toEqual({ outcome: 'acquired', state: undefined });
    });

    test('what is committed is what the next lease gets, in this process and in another', async () => {
      const store = open('one');
      await advance(store, 1);
      const lease = acquiredFrom(1);
      expect(await open('two').read(deadlineIn())).toEqual(lease.state);
      expect(await acquire(open('two'), 2)).toEqual(lease);
      now += 2 * MINUTE;
      expect(await acquire(store, 3)).toEqual(lease);
    });

    test('the lease of a published tick is not given again, nor of one before it', async () => {
      const store = open('one');
      now = tick(5);
      await advance(store, 5);
      for (const other of [store, open('two')]) {
        expect(await acquire(other, 5)).toEqual({ outcome: 'published', at: tick(5) });
        expect(await acquire(other, 4)).toEqual({ outcome: 'published', at: tick(5) });
      }
      await advance(store, 6);
    });

    test.each([1, 2, 3])('of two runs one acquires the lease, tick %i against 2', async (other) => {
      expect(await acquire(open('one'), 2)).toMatchObject({ outcome: 'acquired' });
      expect(await acquire(open('two'), other)).toEqual({ outcome: 'held', by: tick(2) });
    });

    test('of two runs that ask at the same moment one acquires the lease', async () => {
      const [one, two] = [open('one'), open('two')];
      await advance(one, 1);
      await two.read(deadlineIn());
      for (const round of [2, 3, 4]) {
        const leases = await Promise.all([acquire(one, round), acquire(two, round)]);
        expect(leases.map(({ outcome }) => outcome).sort()).toEqual(['acquired', 'held']);
        now += 2 * MINUTE;
      }
    });

    test('a lease without a commit lasts until it expires', async () => {
      await acquire(open('one'), 1);
      const two = open('two');
      now += MINUTE - 1;
      expect(await acquire(two, 2)).toEqual({ outcome: 'held', by: tick(1) });
      now += 1;
      expect(await acquire(two, 2)).toMatchObject({ outcome: 'acquired' });
    });

    test('its owner may acquire it again at once, for example after a failed publish', async () => {
      const store = open('one');
      await advance(store, 1);
      await acquire(store, 2);
      expect(await acquire(store, 3)).toEqual(acquiredFrom(1));
    });

    test('a lease changes no state', async () => {
      await advance(open('one'), 1);
      await acquire(open('two'), 2);
      expect(await open('three').read(deadlineIn())).toEqual(someState(tick(1)));
    });

    test.each([1, 2])(
      'a run that lost the lease of tick 1 to a run of tick %i prepares nothing, and publishes nothing twice afterwards',
      async (other) => {
        const [one, two] = [open('one'), open('two')];
        await acquire(one, 1);
        now += MINUTE;
        await advance(two, other);
        await expect(one.prepare(someState(tick(1), 7), deadlineIn())).rejects.toMatchObject({
          code: 'state-failed',
        });
        expect(await acquire(one, other)).toEqual({ outcome: 'published', at: tick(other) });
        expect(await acquire(one, 3)).toEqual(acquiredFrom(other));
      },
    );

    test('what is rolled back was never there, and the lease ends', async () => {
      const store = open('one');
      await advance(store, 1);
      await acquire(store, 2);
      await store.prepare(someState(tick(2), 7), deadlineIn());
      await store.rollback(deadlineIn());
      expect(await acquire(open('two'), 2)).toEqual(acquiredFrom(1));
    });

    test('the first state is rolled back to none', async () => {
      const store = open('one');
      await acquire(store, 1);
      await store.prepare(someState(tick(1)), deadlineIn());
      await store.rollback(deadlineIn());
      expect(await acquire(open('two'), 1)).toEqual({ outcome: 'acquired', state: undefined });
    });

    test('a run that ends after it prepared: the next one counts on from there, and says so', async () => {
      const [one, two] = [open('one'), open('two')];
      await advance(one, 1);
      await acquire(one, 2);
      await one.prepare(someState(tick(2)), deadlineIn());
      expect(await acquire(two, 2)).toEqual({ outcome: 'published', at: tick(2) });
      expect(await acquire(two, 3)).toEqual({ outcome: 'held', by: tick(2) });
      now += MINUTE;
      expect(await acquire(two, 3)).toEqual({
        outcome: 'acquired',
        state: someState(tick(2)),
        unfinished: tick(2),
      });
    });

    test('a run that ends before it prepared: the next one counts on from the state before', async () => {
      const [one, two] = [open('one'), open('two')];
      await advance(one, 1);
      await acquire(one, 2);
      now += MINUTE;
      expect(await acquire(two, 3)).toEqual(acquiredFrom(1));
    });

    test('without the lease nothing is prepared, and without a state nothing is committed', async () => {
      const store = open('one');
      await expect(store.prepare(someState(tick(1)), deadlineIn())).rejects.toThrow('under the lease');
      await expect(store.commit(deadlineIn())).rejects.toThrow('prepared');
      await expect(store.rollback(deadlineIn())).rejects.toThrow('prepared');
      await advance(store, 1);
      await expect(store.prepare(someState(tick(2)), deadlineIn())).rejects.toThrow('under the lease');
    });

    test('state removed by hand starts again from a baseline', async () => {
      const store = open('one');
      await advance(store, 1);
      await backing.overwrite(undefined);
      expect(await acquire(store, 2)).toEqual({ outcome: 'acquired', state: undefined });
    });

    /** Stored state with another header, of the same length. */
    const withHeader = async (from: string, to: string): Promise<Uint8Array> => {
      await advance(open('one'), 1);
      const bytes = (await backing.bytes()) ?? new Uint8Array();
      const header = gunzipSync(bytes.subarray(0, HEADER_MEMBER_BYTES)).toString().replace(from, to);
      return Buffer.concat([gzipSync(header, { level: 0 }), bytes.subarray(HEADER_MEMBER_BYTES)]);
    };
    test.each<{ what: string; bytes: () => Uint8Array | Promise<Uint8Array>; reason: RegExp }>([
      { what: 'empty', bytes: () => new Uint8Array(), reason: /cut short/ },
      { what: 'not gzip', bytes: () => Buffer.from('hello'), reason: /not gzip/ },
      { what: 'not JSON', bytes: () => gzipSync('hello'), reason: /not JSON/ },
      {
        what: 'cut short',
        bytes: async () => {
          await advance(open('one'), 1);
          return (await backing.bytes())?.subarray(0, -9) ?? new Uint8Array();
        },
        reason: /cut short/,
      },
      {
        what: 'of another program',
        bytes: () => gzipSync('{"format":"x"}'),
        reason: /not written by this program/,
      },
      {
        what: 'of a later version',
        bytes: () => withHeader('"version":1', '"version":2'),
        reason: /version 2 is not 1/,
      },
      {
        what: 'of another cluster',
        bytes: () => withHeader('"cluster":"prod"', '"cluster":"test"'),
        reason: /of the cluster "test", not prod/,
      },
    ])(
      'state that is $what is quarantined, and counting starts again from a baseline',
      async ({ bytes, reason }) => {
        const damaged = await bytes();
        await backing.overwrite(damaged);
        now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
        const store = open('two');
        await expect(store.read(deadlineIn())).rejects.toMatchObject({ code: 'state-failed' });
        const lease = await acquire(store, 2);
        expect(lease).toMatchObject({
          outcome: 'acquired',
          state: undefined,
          quarantine: { key: expect.stringMatching(/\.quarantine-2026-01-02T03:04:05\.678Z$/) },
        });
        if (lease.outcome !== 'acquired') return;
        expect(lease.quarantine?.reason).toMatch(reason);
        expect(Buffer.from((await backing.bytes(lease.quarantine?.key)) ?? [])).toEqual(Buffer.from(damaged));
        await publish(store, 2);
        expect(await open('three').read(deadlineIn())).toEqual(someState(tick(2)));
      },
    );
  });
}
