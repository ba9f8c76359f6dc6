import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addExactly, type ExactSum, totalOf } from '../../../lambda/domain/exact-sum.ts';

const sumOf = (values: readonly number[]): ExactSum => {
  const sum: ExactSum = [];
  for (const value of values) addExactly(sum, value);
  return sum;
};

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e290, max: 1e290 });

test.each([
  { values: [], total: 0 },
  { values: [0.1, 0.2, 0.3], total: 0.6 },
  { values: Array.from({ length: 10 }, () => 0.1), total: 1 },
  { values: [1e100, 1, -1e100], total: 1 },
  { values: [2 ** 53, 1, 1], total: 2 ** 53 + 2 },
  // A tie at the last bit is decided by what lies below it.
  { values: [2 ** 53, 1, 2 ** -60], total: 2 ** 53 + 2 },
  { values: [2 ** 53, 1, -(2 ** -60)], total: 2 ** 53 },
])('sums $values to $total', ({ values, total }) => {
  expect(totalOf(sumOf(values))).toBe(total);
});

test('no order changes the total', () => {
  fc.assert(
    fc.property(fc.array(value), fc.infiniteStream(fc.nat()), (values, random) => {
      const shuffled = values
        .map((v) => ({ v, key: random.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ v }) => v);
      expect(totalOf(sumOf(shuffled))).toBe(totalOf(sumOf(values)));
    }),
  );
});
