import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { join, MAX_TEXT_BYTES, pack, split } from '../../../../lambda/adapters/state/packed-state.ts';
import { increase } from '../../../../lambda/domain/state/counters.ts';
import { UnusableState } from '../../../../lambda/domain/state/shape.ts';
import type { PodMemory } from '../../../../lambda/domain/state/state.ts';
import { manyPods } from '../../../support/large-state.ts';
import { someState } from '../../../support/states.ts';

const HEADER = { cluster: 'prod', writer: 'one' };
const NOW = Date.UTC(2026, 0, 2);

test('5,000 pods with every family of counters take less than 450 KB', () => {
  const read = manyPods(5_000, 1);
  const { next } = increase(undefined, { time: 1, listed: new Set(read.keys()), read });
  const bytes = join(HEADER, pack(next));
  expect(bytes.length).toBeLessThan(450_000);
  expect(split(bytes, 'prod', NOW).state).toEqual(next);
});

test('any gunzip decompresses it to two lines of JSON', () => {
  const state = someState(1);
  const lines = gunzipSync(join(HEADER, pack(state)))
    .toString()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([HEADER, { time: 1 }]);
});

test('a lease leaves the compressed state as it is, and changes the bytes', () => {
  const packed = pack(someState(1));
  const plain = join(HEADER, packed);
  const leased = join({ ...HEADER, lease: { tick: 2, until: 3 } }, packed);
  expect(leased.length).toBe(plain.length);
  expect(Buffer.compare(leased, plain)).not.toBe(0);
  expect(Buffer.compare(split(leased, 'prod', NOW).member, packed.member)).toBe(0);
});

test('a state of more text than the function has memory for is refused before it is inflated', () => {
  const member = gzipSync(Buffer.alloc(MAX_TEXT_BYTES + 1, ' '));
  expect(() => split(join(HEADER, { member }), 'prod', NOW)).toThrow(
    new UnusableState(`more than ${MAX_TEXT_BYTES} bytes of text`),
  );
});

test('pods that are gone are forgotten where the text would be too long to be read again', () => {
  const state = someState(1);
  const listed = [...state.pods].filter(([, { missingSince }]) => missingSince === undefined);
  const name = 'x'.repeat(MAX_TEXT_BYTES / 100);
  const gone = Array.from({ length: 101 }, (_, n): [string, PodMemory] => [
    `${n}${name}`,
    { last: 'whole', missingSince: 1 },
  ]);
  const packed = pack({ ...state, pods: new Map([...state.pods, ...gone]) });
  expect(packed.state).toEqual({ ...state, pods: new Map(listed) });
  expect(split(join(HEADER, packed), 'prod', NOW).state).toEqual(packed.state);
});

test('the APIs of few pods count together, exactly, where the text would be too long because of one pod', () => {
  const read = manyPods(200, 1);
  const listed = new Set(read.keys());
  const { next } = increase(undefined, { time: 1, listed, read });
  const apis = (count: number) =>
    Array.from({ length: 50 }, (_, index) => ({ api: `hostile-${index}`, count, sum: count }));
  const [[hostile, reading] = ['']] = read;
  if (!reading) throw new Error('no pod');
  const withApis = (count: number) => ({ ...reading, latencies: [...reading.latencies, ...apis(count)] });
  const long = 'x'.repeat(MAX_TEXT_BYTES - pack(next).textBytes - 5_000);
  const pods = new Map<string, PodMemory>([...next.pods, [long, { last: 'whole' }]]);
  expect(pack({ ...next, pods }).state?.pods).toEqual(pods);

  const large = { ...next, pods: new Map(pods).set(hostile, { last: withApis(1) }) };
  const { state, textBytes } = pack(large);
  expect(textBytes).toBeLessThanOrEqual(MAX_TEXT_BYTES);
  expect(state?.pods).toEqual(
    new Map(pods).set(hostile, {
      last: { ...withApis(1), latencies: [...reading.latencies, { api: '(other)', count: 50, sum: 50 }] },
    }),
  );
  const observed = { time: 2, listed, read: new Map(read).set(hostile, withApis(3)) };
  expect(increase(state, observed).increases).toEqual(increase(large, observed).increases);
});

test('a state is read again however many of its pods were not read and have restarted', () => {
  const streak = { since: NOW - 600_000, cycles: 10 };
  const memory: PodMemory = { last: 'whole', unread: streak, restarts: [1, 2, 3] };
  const pods = new Map(Array.from({ length: 90_000 }, (_, index) => [`aws-node-${index}`, memory]));
  const state = { ...someState(1), pods };
  expect(split(join(HEADER, pack(state)), 'prod', NOW).state).toEqual(state);
});

test('the history of subnets is forgotten where it has more parts than can be read again', () => {
  const hours = Array.from({ length: 200 }, (_, hour) => ({ hour, lowest: 1 }));
  const subnets = new Map(
    Array.from({ length: MAX_TEXT_BYTES / 32 / 200 }, (_, index) => [
      `s${index}`,
      { hours, days: [], recent: [] },
    ]),
  );
  const { state } = pack({ ...someState(1), subnets });
  expect(state?.subnets).toBeUndefined();
});

test('the history of subnets is forgotten where the text would be too long even so', () => {
  const state = someState(1);
  const listed = [...state.pods].filter(([, { missingSince }]) => missingSince === undefined);
  const subnets = new Map([['x'.repeat(MAX_TEXT_BYTES), { hours: [], days: [], recent: [] }]]);
  const { subnets: _, ...counters } = state;
  expect(pack({ ...state, subnets }).state).toEqual({ ...counters, pods: new Map(listed) });
});

test('a header that inflates is refused', () => {
  const header = gzipSync(JSON.stringify({ ...HEADER, more: ' '.repeat(100_000) }));
  expect(() => split(header, 'prod', NOW)).toThrow(new UnusableState('more than 1024 bytes of text'));
});
