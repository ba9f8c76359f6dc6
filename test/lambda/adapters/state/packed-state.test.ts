import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { join, pack, split } from '../../../../lambda/adapters/state/packed-state.ts';
import { increase } from '../../../../lambda/domain/state/counters.ts';
import { manyPods } from '../../../support/large-state.ts';
import { someReadings } from '../../../support/states.ts';

const HEADER = { cluster: 'prod', writer: 'one' };

test('5,000 pods with every family of counters take less than 450 KB', () => {
  const read = manyPods(5_000, 1);
  const { next } = increase(undefined, { time: 1, listed: new Set(read.keys()), read });
  const bytes = join(HEADER, pack(next));
  expect(bytes.length).toBeLessThan(450_000);
  expect(split(bytes, 'prod').readings).toEqual(next);
});

test('any gunzip reads them: two lines of JSON', () => {
  const readings = someReadings(1);
  const lines = gunzipSync(join(HEADER, pack(readings)))
    .toString()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([HEADER, { time: 1 }]);
});

test('a claim leaves the compressed readings as they are, and changes the bytes', () => {
  const packed = pack(someReadings(1));
  const plain = join(HEADER, packed);
  const claimed = join({ ...HEADER, claim: { tick: 2, until: 3 } }, packed);
  expect(claimed.length).toBe(plain.length);
  expect(Buffer.compare(claimed, plain)).not.toBe(0);
  expect(Buffer.compare(split(claimed, 'prod').member, packed.member)).toBe(0);
});

test('readings of more than 64 MiB are refused before they fill the memory', () => {
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1, ' '));
  expect(() => split(join(HEADER, { readings: undefined, member }), 'prod')).toThrow(
    expect.objectContaining({
      name: 'UnusableReadings',
      cause: expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    }),
  );
});
