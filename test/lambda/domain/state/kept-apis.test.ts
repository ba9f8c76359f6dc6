import { describe, expect, test } from 'vitest';
import { MAX_APIS, OTHER_APIS } from '../../../../lambda/domain/api-names.ts';
import { latencyStatistics } from '../../../../lambda/domain/increases.ts';
import type { Counted } from '../../../../lambda/domain/state/counters.ts';
import type { State } from '../../../../lambda/domain/state/state.ts';
import { type Cycle, OLD, run } from '../../../support/cycles.ts';
import { podReading } from '../../../support/reading.ts';

type Calls = Readonly<Record<string, number>>;

/** A pod whose calls take 10 ms each. */
const pod = (calls: Calls, startTime = OLD) =>
  podReading(
    startTime,
    {},
    Object.entries(calls).map(([api, count]) => ({ api, count, sum: 10 * count })),
  );

const named = (prefix: string, names: number, count: number): Calls =>
  Object.fromEntries(Array.from({ length: names }, (_, index) => [`${prefix}-${index}`, count]));

const callsOf = ({ increases }: Counted) => latencyStatistics(increases)?.sampleCount;
const lastOf = (cycles: readonly Cycle[]) => run(...cycles).at(-1) as Counted;

/** The names that a state holds. */
const namesIn = ({ pods }: State) =>
  new Set(
    [...pods.values()].flatMap(({ last }) =>
      typeof last === 'object' ? last.latencies.map(({ api }) => api) : [],
    ),
  );

describe('of many APIs', () => {
  const good = { CreateTags: 5, DescribeInstances: 7 };

  test('those of most pods are counted apart, the others of each pod together', () => {
    const { next, foldedApis } = lastOf([
      { a: pod(good), b: pod(good), x: pod({ ...named('x', 40, 1), ...good }), y: pod(named('y', 40, 1)) },
    ]);
    const names = namesIn(next);
    expect(names.size).toBe(MAX_APIS + 1);
    expect([...names]).toEqual(expect.arrayContaining(['CreateTags', 'DescribeInstances', OTHER_APIS]));
    expect(foldedApis).toEqual(['y']);
    const { last } = next.pods.get('y') ?? {};
    expect(typeof last === 'object' && last.latencies.at(-1)).toEqual({
      api: OTHER_APIS,
      count: 18,
      sum: 180,
    });
  });

  test('every call counts once, whichever APIs are counted apart', () => {
    const cycles = [
      { a: pod({ ...good, Rare: 1 }), x: pod(named('x', 64, 1)), y: pod(named('y', 64, 1)) },
      { a: pod({ ...good, Rare: 3, New: 2 }), x: pod(named('x', 64, 2)), y: pod(named('y', 64, 2)) },
      // x restarts, so its names are free again; those of `a` that count together stay together.
      {
        a: pod({ ...good, Rare: 4, New: 5, Newer: 1 }),
        x: pod({ 'x-1': 1 }, OLD + 3_700),
        y: pod(named('y', 64, 2)),
      },
      { a: pod({ ...good, Rare: 4, New: 6, Newer: 3 }), x: pod({ 'x-1': 1 }, OLD + 3_700), y: pod({}) },
    ];
    expect(run(...cycles).map(callsOf)).toEqual([undefined, 4 + 64 + 64, 5 + 1, 3]);
  });

  test('a pod that exposes others in each cycle keeps no more than these, and costs other pods nothing', () => {
    const cycles = Array.from({ length: 50 }, (_, cycle) => ({
      a: pod({ CreateTags: 5 + cycle, DescribeInstances: 7 }),
      x: pod(named(`x-${cycle}`, 64, 0)),
    }));
    const counted = run(...cycles);
    expect(Math.max(...counted.map(({ next }) => namesIn(next).size))).toBe(MAX_APIS + 1);
    expect(counted.slice(1).map(callsOf)).toEqual(Array(49).fill(1));
  });

  test('an API is forgotten with the last process that called it', () => {
    const { next } = lastOf([
      { a: pod(good), x: pod(named('x', 62, 1)) },
      { a: pod(good), x: pod(named('y', 62, 1), OLD + 3_700) },
      { a: pod(good), x: pod(named('z', 62, 1), OLD + 7_400) },
    ]);
    expect([...namesIn(next)].filter((name) => name.startsWith('x'))).toEqual([]);
  });

  test('an impossible total makes the sum unknown, not smaller', () => {
    const before = { a: pod({}), x: pod(named('x', 70, 10)) };
    const broken = { ...named('x', 70, 11), 'x-69': Number.NaN };
    expect(
      run(before, { a: pod({}), x: pod(broken) }, { a: pod({}), x: pod(named('x', 70, 12)) }).map(callsOf),
    ).toEqual([undefined, 64, 64 + 12]);
  });
});
