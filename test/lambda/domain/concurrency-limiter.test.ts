import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ConcurrencyLimiter,
  newConcurrencyLimiter,
  recordAnswer,
  recordOverload,
} from '../../../lambda/domain/concurrency-limiter.ts';

const answers = (limiter: ConcurrencyLimiter, count: number, latencyMs: number): ConcurrencyLimiter => {
  for (let index = 0; index < count; index += 1) recordAnswer(limiter, latencyMs);
  return limiter;
};

test.each([
  { most: 100, first: 50 },
  { most: 30, first: 30 },
  { most: 4, first: 4 },
])('begins with $first of $most at the most', ({ most, first }) => {
  expect(newConcurrencyLimiter(most).limit).toBe(first);
});

test('grows by 10 with each round that goes well, up to the most', () => {
  const limiter = newConcurrencyLimiter(75);
  expect(answers(limiter, 49, 20).limit).toBe(50);
  expect(answers(limiter, 1, 20).limit).toBe(60);
  expect(answers(limiter, 60, 20).limit).toBe(70);
  expect(answers(limiter, 70, 20).limit).toBe(75);
  expect(answers(limiter, 750, 20).limit).toBe(75);
});

const overloads = (limiter: ConcurrencyLimiter, count: number): ConcurrencyLimiter => {
  for (let index = 0; index < count; index += 1) recordOverload(limiter);
  return limiter;
};

test('falls by half on overload, once for all requests that were in flight, and down to 10', () => {
  const limiter = newConcurrencyLimiter(100);
  expect(overloads(limiter, 6).limit).toBe(25);
  expect(overloads(limiter, 49).limit).toBe(25);
  expect(overloads(limiter, 3).limit).toBe(12);
  expect(overloads(limiter, 1_000).limit).toBe(10);
});

test('does not fall while a tenth of a round or less shows overload: a few pods can answer 429 themselves', () => {
  const limiter = newConcurrencyLimiter(50);
  for (let round = 0; round < 10; round += 1) answers(overloads(limiter, 5), 50, 20);
  expect(limiter.limit).toBe(50);
});

test('recovers after overload', () => {
  const limiter = overloads(newConcurrencyLimiter(100), 6);
  answers(limiter, 49, 20);
  expect(answers(limiter, 25, 20).limit).toBe(35);
  expect(answers(limiter, 2_000, 20).limit).toBe(100);
});

test.each([
  { what: 'five times as slow as usual', usualMs: 40, latencyMs: 200, limit: 30 },
  { what: 'just over 100 ms slower, and over three times as slow', usualMs: 40, latencyMs: 141, limit: 30 },
  { what: 'over three times as slow, but only 100 ms slower', usualMs: 40, latencyMs: 140, limit: 70 },
  { what: 'just over three times as slow, and over 100 ms slower', usualMs: 100, latencyMs: 301, limit: 30 },
  { what: 'over 100 ms slower, but only three times as slow', usualMs: 100, latencyMs: 300, limit: 70 },
])('a round $what: $limit in flight', ({ usualMs, latencyMs, limit }) => {
  const limiter = answers(newConcurrencyLimiter(100), 50, usualMs);
  expect(answers(limiter, 60, latencyMs).limit).toBe(limit);
});

test('a slow first round, which connects, is not taken for the usual one', () => {
  const limiter = answers(newConcurrencyLimiter(100), 50, 500);
  answers(limiter, 60, 20);
  expect(answers(limiter, 70, 500).limit).toBe(35);
});

test('very fast answers may double without a fall', () => {
  const limiter = answers(newConcurrencyLimiter(100), 50, 2);
  expect(answers(limiter, 60, 20).limit).toBe(70);
});

test('whatever happens, the limit stays between 10 and the most, or at the most where that is less', () => {
  const event = fc.oneof(fc.constant(undefined), fc.nat(5_000));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(event, { maxLength: 2_000 }), (most, events) => {
      const limiter = newConcurrencyLimiter(most);
      for (const latencyMs of events) {
        if (latencyMs === undefined) recordOverload(limiter);
        else recordAnswer(limiter, latencyMs);
        expect(limiter.limit).toBeLessThanOrEqual(most);
        expect(limiter.limit).toBeGreaterThanOrEqual(Math.min(10, most));
      }
    }),
    { numRuns: 50 },
  );
});
