import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER_MEMBER_BYTES } from '../../lambda/adapters/state/packed-state.ts';
import type { Clock, ReadingsStore } from '../../lambda/collect/ports.ts';
import { someReadings } from './states.ts';

/** Where a kind of store keeps its bytes, as the contract needs it. */
export interface Backing {
  /** A store of the same readings as any other `owner` has. */
  open(owner: string, clock: Clock): ReadingsStore;
  /** What lies under a name; without one, the readings themselves. */
  bytes(name?: string): Promise<Uint8Array | undefined>;
  /** Puts bytes where the readings are; undefined: removes them. */
  overwrite(bytes: Uint8Array | undefined): Promise<void>;
  close(): Promise<void>;
}

/** The cluster that `open` must use. */
export const CLUSTER = 'prod';
const BUDGET = 5_000;
const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 2);
const tick = (number: number) => T0 + number * MINUTE;

/** What every store of readings has to do, whatever keeps its bytes. */
export function readingsStoreContract(kind: string, start: () => Promise<Backing>): void {
  describe(`readings in ${kind}`, () => {
    let backing: Backing;
    let now: number;
    const open = (owner: string) => backing.open(owner, { now: () => now, elapsed: () => now });
    const claim = (store: ReadingsStore, number: number) => store.claim(tick(number), MINUTE, BUDGET);
    const advance = async (store: ReadingsStore, number: number) => {
      expect(await claim(store, number)).toMatchObject({ outcome: 'granted' });
      await store.commit(someReadings(tick(number)), BUDGET);
    };

    beforeEach(async () => {
      backing = await start();
      now = T0;
    });
    afterEach(() => backing.close());

    test('nothing was ever committed', async () => {
      const store = open('one');
      expect(await store.read(BUDGET)).toBeUndefined();
      expect(await claim(store, 1)).toEqual({ outcome: 'granted', readings: undefined });
    });

    test('what is committed is what the next claim gets, in this process and in another', async () => {
      const store = open('one');
      await advance(store, 1);
      const granted = { outcome: 'granted', readings: someReadings(tick(1)) };
      expect(await open('two').read(BUDGET)).toEqual(granted.readings);
      expect(await claim(open('two'), 2)).toEqual(granted);
      now += 2 * MINUTE;
      expect(await claim(store, 3)).toEqual(granted);
    });

    test('a published tick is not granted again, nor is one before it', async () => {
      const store = open('one');
      await advance(store, 5);
      for (const other of [store, open('two')]) {
        expect(await claim(other, 5)).toEqual({ outcome: 'published', at: tick(5) });
        expect(await claim(other, 4)).toEqual({ outcome: 'published', at: tick(5) });
      }
      await advance(store, 6);
    });

    test.each([1, 2, 3])('of two runs one is granted, tick %i against 2', async (other) => {
      expect(await claim(open('one'), 2)).toMatchObject({ outcome: 'granted' });
      expect(await claim(open('two'), other)).toEqual({ outcome: 'busy', by: tick(2) });
    });

    test('of two runs that claim at the same moment one is granted', async () => {
      const [one, two] = [open('one'), open('two')];
      await advance(one, 1);
      await two.read(BUDGET);
      for (const round of [2, 3, 4]) {
        const claims = await Promise.all([claim(one, round), claim(two, round)]);
        expect(claims.map(({ outcome }) => outcome).sort()).toEqual(['busy', 'granted']);
        now += 2 * MINUTE;
      }
    });

    test('a claim that was never committed holds until it expires', async () => {
      await claim(open('one'), 1);
      const two = open('two');
      now += MINUTE - 1;
      expect(await claim(two, 2)).toEqual({ outcome: 'busy', by: tick(1) });
      now += 1;
      expect(await claim(two, 2)).toMatchObject({ outcome: 'granted' });
    });

    test('its owner may claim again at once, for the publish failed', async () => {
      const store = open('one');
      await advance(store, 1);
      await claim(store, 2);
      expect(await claim(store, 3)).toEqual({ outcome: 'granted', readings: someReadings(tick(1)) });
    });

    test('a claim changes no readings', async () => {
      await advance(open('one'), 1);
      await claim(open('two'), 2);
      expect(await open('three').read(BUDGET)).toEqual(someReadings(tick(1)));
    });

    test.each([1, 2])(
      'who lost the claim of tick 1 to a run of tick %i cannot commit, and publishes nothing twice afterwards',
      async (other) => {
        const [one, two] = [open('one'), open('two')];
        await claim(one, 1);
        now += MINUTE;
        await advance(two, other);
        await expect(one.commit(someReadings(tick(1), 7), BUDGET)).rejects.toMatchObject({
          code: 'state-failed',
        });
        expect(await claim(one, other)).toEqual({ outcome: 'published', at: tick(other) });
        expect(await claim(one, 3)).toEqual({ outcome: 'granted', readings: someReadings(tick(other)) });
      },
    );

    test('a commit without a claim is refused', async () => {
      await expect(open('one').commit(someReadings(tick(1)), BUDGET)).rejects.toThrow('needs a claim');
    });

    test('readings removed by hand begin anew', async () => {
      const store = open('one');
      await advance(store, 1);
      await backing.overwrite(undefined);
      expect(await claim(store, 2)).toEqual({ outcome: 'granted', readings: undefined });
    });

    /** Stored readings with another header, of the same length. */
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
      { what: 'of another program', bytes: () => gzipSync('{"format":"x"}'), reason: /not readings/ },
      {
        what: 'of a later version',
        bytes: () => withHeader('"version":1', '"version":2'),
        reason: /version 2 is not 1/,
      },
      {
        what: 'of another cluster',
        bytes: () => withHeader('"cluster":"prod"', '"cluster":"test"'),
        reason: /of the cluster test, not prod/,
      },
    ])('readings that are $what are set aside, and counting begins anew', async ({ bytes, reason }) => {
      const damaged = await bytes();
      await backing.overwrite(damaged);
      now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
      const store = open('two');
      await expect(store.read(BUDGET)).rejects.toMatchObject({ code: 'state-failed' });
      const granted = await claim(store, 2);
      expect(granted).toMatchObject({
        outcome: 'granted',
        readings: undefined,
        setAside: { key: expect.stringMatching(/\.set-aside-2026-01-02T03:04:05\.678Z$/) },
      });
      if (granted.outcome !== 'granted') return;
      expect(granted.setAside?.reason).toMatch(reason);
      expect(Buffer.from((await backing.bytes(granted.setAside?.key)) ?? [])).toEqual(Buffer.from(damaged));
      await store.commit(someReadings(tick(2)), BUDGET);
      expect(await open('three').read(BUDGET)).toEqual(someReadings(tick(2)));
    });
  });
}
