import { describe, expect, test } from 'vitest';
import { latencyStatistics } from '../../../../lambda/domain/increases.ts';
import type { Counted } from '../../../../lambda/domain/state/counters.ts';
import { type Cycle, OLD, run } from '../../../support/cycles.ts';
import { podReading } from '../../../support/reading.ts';

describe('latency', () => {
  const calls = (api: string, count: number, sum: number, p99?: number) => ({
    api,
    count,
    sum,
    ...(p99 !== undefined && { p99 }),
  });
  const pod = (...latencies: ReturnType<typeof calls>[]) => podReading(OLD, {}, latencies);
  const lastStatistics = (...cycles: readonly Cycle[]) =>
    latencyStatistics((run(...cycles).at(-1) as Counted).increases);

  test('has the mean of the interval, and the lowest and highest mean of a pod and API', () => {
    expect(
      lastStatistics(
        { a: pod(calls('X', 1_000, 1)), b: pod(calls('X', 5, 50), calls('Y', 5, 5)), c: pod() },
        {
          a: pod(calls('X', 1_002, 41)),
          b: pod(calls('X', 5, 50), calls('Y', 6, 8)),
          c: pod(calls('Z', 1, 7)),
        },
      ),
    ).toEqual({ sampleCount: 4, sum: 50, minimum: 3, maximum: 20 });
  });

  test('is left out where no API was called', () => {
    const idle = { a: pod(calls('X', 3, 9)), b: pod(), c: pod(calls('Y', 2, 2)) };
    expect(lastStatistics(idle, idle)).toBeUndefined();
  });

  test('finds an API at any place of the answer, and remembers one that is missing for a cycle', () => {
    expect(
      lastStatistics(
        { a: pod(calls('X', 1, 10), calls('Y', 1, 20), calls('Z', 1, 5)) },
        { a: pod(calls('Z', 1, 5), calls('Y', 1, 20)) },
        { a: pod(calls('Z', 1, 5), calls('X', 3, 16), calls('Y', 1, 20)) },
      ),
    ).toEqual({ sampleCount: 2, sum: 6, minimum: 3, maximum: 3 });
  });

  test.each([
    { what: 'count', before: calls('X', 10, 10), after: calls('X', 2, 30) },
    { what: 'sum', before: calls('X', 1, 100), after: calls('X', 2, 30) },
  ])('begins anew, count and sum together, where the $what fell', ({ before, after }) => {
    expect(lastStatistics({ a: pod(before) }, { a: pod(after) })).toMatchObject({ sampleCount: 2, sum: 30 });
  });

  test('takes its maximum from quantile 0.99 where a pod exposes it, but never below the minimum', () => {
    const before = { a: pod(calls('X', 1, 1)), b: pod(calls('X', 1, 1)) };
    expect(lastStatistics(before, { a: pod(calls('X', 2, 11, 80)), b: pod(calls('X', 2, 21)) })).toEqual({
      sampleCount: 2,
      sum: 30,
      minimum: 10,
      maximum: 80,
    });
    expect(lastStatistics(before, { a: pod(calls('X', 2, 11, 4)) })).toMatchObject({
      minimum: 10,
      maximum: 10,
    });
  });

  test('ignores impossible totals', () => {
    expect(
      lastStatistics({ a: pod(calls('X', 1, 1)) }, { a: pod(calls('X', Number.NaN, 5), calls('Y', 1, -1)) }),
    ).toBeUndefined();
  });
});
