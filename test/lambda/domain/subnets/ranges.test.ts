import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksIn,
  largestBlock,
  type Range,
  rangeOf,
  sizeOf,
  union,
  within,
  without,
} from '../../../../lambda/domain/subnets/ranges.ts';

const BASE = 0x0a000000;
const SIZE = 2 ** 10;
/** Ranges inside 10.0.0.0/22, in any order, that may overlap. */
const ranges = fc.array(
  fc
    .tuple(fc.nat(SIZE - 1), fc.nat(40))
    .map(([start, more]): Range => ({ first: BASE + start, last: BASE + Math.min(SIZE - 1, start + more) })),
  { maxLength: 40 },
);

/** One flag for each address of 10.0.0.0/22. */
const flags = (list: readonly Range[]) =>
  Array.from({ length: SIZE }, (_, index) =>
    list.some(({ first, last }) => first <= BASE + index && BASE + index <= last),
  );
const blocksOf = (free: readonly boolean[], length: number) => {
  const size = 2 ** (32 - length);
  let blocks = 0;
  for (let start = 0; start < SIZE; start += size)
    if (free.length >= start + size && free.slice(start, start + size).every(Boolean)) blocks += 1;
  return blocks;
};

describe('rangeOf', () => {
  it.each([
    ['10.0.0.0/16', 0x0a000000, 0x0a00ffff],
    ['10.0.0.5', 0x0a000005, 0x0a000005],
    ['10.0.0.21/28', 0x0a000010, 0x0a00001f],
    ['255.255.255.240/28', 0xfffffff0, 0xffffffff],
    ['0.0.0.0/0', 0, 0xffffffff],
  ])('%s', (text, first, last) => expect(rangeOf(text)).toEqual({ first, last }));

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/', 'fd00::/80', '10.0.0.1 ', '1e1.0.0.1'])(
    'refuses %j',
    (text) => expect(rangeOf(text)).toBeUndefined(),
  );
});

describe('arithmetic of ranges, against one flag for each address', () => {
  it('unites', () =>
    fc.assert(
      fc.property(ranges, (list) => {
        const united = union(list);
        expect(flags(united)).toEqual(flags(list));
        united.slice(1).forEach(({ first }, index) => {
          expect(first).toBeGreaterThan((united[index]?.last ?? 0) + 1);
        });
      }),
    ));

  it('subtracts and intersects', () =>
    fc.assert(
      fc.property(ranges, ranges, (list, taken) => {
        const [ours, theirs] = [flags(list), flags(taken)];
        expect(flags(without(list, taken))).toEqual(ours.map((is, index) => is && !theirs[index]));
        expect(flags(within(list, taken))).toEqual(ours.map((is, index) => is && theirs[index]));
      }),
    ));

  it('counts addresses and blocks', () =>
    fc.assert(
      fc.property(ranges, (list) => {
        const free = flags(list);
        expect(sizeOf(list)).toBe(free.filter(Boolean).length);
        for (const length of [22, 24, 26, 28, 32])
          expect(blocksIn(list, length)).toBe(blocksOf(free, length));
        const largest = [22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32].find(
          (length) => blocksOf(free, length) > 0,
        );
        expect(largestBlock(list)).toBe(largest);
      }),
    ));

  it('knows a block that ends at the last address of all', () => {
    expect(blocksIn([{ first: 0xffffffe8, last: 0xffffffff }])).toBe(1);
  });
});
