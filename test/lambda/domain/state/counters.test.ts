import { describe, expect, test } from 'vitest';
import { COUNTERS } from '../../../../lambda/domain/catalog.ts';
import type { ApiLatency, PodReading } from '../../../../lambda/domain/pod-reading.ts';
import type { Counted } from '../../../../lambda/domain/state/counters.ts';
import { adds, type Cycle, lastTotal, OLD, run, T0, totals } from '../../../support/cycles.ts';
import { podReading, reading } from '../../../support/reading.ts';

describe('a cycle with nothing before it', () => {
  const [first] = run({ a: adds(100), b: adds(200), c: undefined }) as [Counted];

  test('knows no counter, no latency and no restart', () => {
    expect(first.increases).toEqual({
      counters: COUNTERS.map(() => undefined),
      latency: undefined,
      restarts: 0,
      compared: 0,
    });
  });

  test('reports how many pods start from a baseline', () => {
    expect(first.baselined).toBe(2);
  });
});

describe('the events of pods', () => {
  test.each<{ what: string; cycles: Cycle[]; total: number | undefined }>([
    {
      what: 'are summed over incarnations',
      cycles: [
        { a: adds(100), b: adds(100), c: adds(7) },
        { a: adds(103), b: adds(100), c: adds(11) },
      ],
      total: 7,
    },
    {
      what: 'of a restarted process all count, even where it overtook its predecessor',
      cycles: [
        { a: adds(10), b: adds(100), c: adds(5) },
        { a: adds(14, OLD + 3_630), b: adds(2, OLD + 3_640), c: adds(5) },
      ],
      total: 16,
    },
    {
      what: 'count from zero after a reset within a process',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { a: adds(4), b: adds(2), c: adds(1) },
      ],
      total: 5,
    },
    {
      what: 'are covered by the next known total where one is unknown in between',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { a: adds(Infinity), b: adds(1), c: adds(1) },
        { a: adds(14), b: adds(1), c: adds(1) },
      ],
      total: 4,
    },
    {
      what: 'count from the first known total where the first one is unknown',
      cycles: [
        { a: adds(Infinity), b: adds(1), c: adds(1) },
        { a: adds(100), b: adds(2), c: adds(1) },
        { a: adds(104), b: adds(2), c: adds(1) },
      ],
      total: 4,
    },
    {
      what: 'of a pod new to the list all count, whatever its clock shows',
      cycles: [
        { a: adds(10), b: adds(1) },
        { a: adds(10), b: adds(1), c: adds(40, OLD) },
      ],
      total: 40,
    },
    {
      what: 'of a new pod that could not be read at first all count later',
      cycles: [
        { a: adds(10), b: adds(1) },
        { a: adds(10), b: adds(1), c: undefined },
        { a: adds(10), b: adds(1), c: adds(40) },
      ],
      total: 40,
    },
    {
      what: 'before the first reading of a pod of the first list are unknown',
      cycles: [
        { a: adds(10), b: adds(1), c: undefined },
        { a: adds(10), b: adds(2), c: adds(40) },
      ],
      total: 1,
    },
    {
      what: 'all count where a pod of the first list was first read in a process begun since',
      cycles: [
        { a: adds(10), b: adds(1), c: undefined },
        { a: adds(10), b: adds(2), c: adds(40, T0 / 1_000 + 1) },
      ],
      total: 41,
    },
    {
      what: 'in a gap without readings count at the next success',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { a: undefined, b: adds(1), c: adds(1) },
        { a: undefined, b: adds(1), c: adds(1) },
        { a: adds(25), b: adds(1), c: adds(1) },
      ],
      total: 15,
    },
    {
      what: 'count once where a pod was missing from a list and came back',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { b: adds(1), c: adds(1) },
        { a: adds(12), b: adds(1), c: adds(1) },
      ],
      total: 2,
    },
    {
      what: 'count once where a sample was missing for a cycle',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { a: podReading(OLD), b: adds(1), c: adds(1) },
        { a: adds(13), b: adds(1), c: adds(1) },
      ],
      total: 3,
    },
    {
      what: 'are not counted from a negative total',
      cycles: [
        { a: adds(10), b: adds(1), c: adds(1) },
        { a: adds(-5), b: adds(2), c: adds(1) },
      ],
      total: 1,
    },
    {
      what: 'are unknown where no pod that was read is known',
      cycles: [
        { a: adds(10), b: undefined, c: undefined },
        { a: undefined, b: adds(3), c: adds(4) },
      ],
      total: undefined,
    },
  ])('$what', ({ cycles, total }) => {
    expect(lastTotal('addReqCount', ...cycles)).toBe(total);
  });
});

describe('a family with labels', () => {
  const old = (more: Parameters<typeof reading>[0] = {}) =>
    reading({ startTime: OLD, lacks: ['awscni_ec2api_req_count'], ...more });
  const ec2 = (calls?: number) =>
    reading({ startTime: OLD, counters: calls === undefined ? {} : { ec2ApiReqCount: calls } });

  test('stands at 0 until its first event', () => {
    const cycles = [
      { a: ec2(), b: ec2(), c: ec2() },
      { a: ec2(3), b: ec2(), c: ec2() },
    ];
    expect(lastTotal('ec2ApiReqCount', ...cycles)).toBe(3);
  });

  test('is unknown if no CNI has it, and leaves out the pods whose CNI does not', () => {
    const all = { a: old(), b: old(), c: old() };
    expect(lastTotal('ec2ApiReqCount', all, all)).toBeUndefined();
    expect(lastTotal('ec2ApiReqCount', { ...all, b: ec2(7) }, { ...all, b: ec2(9) })).toBe(2);
  });

  test('is unknown although an earlier version of the collector stored 0', () => {
    const zero = { a: ec2(0), b: ec2(0), c: ec2(0) };
    const all = { a: old(), b: old(), c: old() };
    expect(lastTotal('ec2ApiReqCount', zero, all)).toBeUndefined();
  });
});

describe('a start time', () => {
  const nameless = (addReqCount: number, ...latencies: readonly ApiLatency[]) =>
    podReading(Number.NaN, { addReqCount }, latencies);
  const calls = (api: string, count: number): ApiLatency => ({ api, count, sum: 100 });

  test.each<{ what: string; before: PodReading; after: PodReading; total: number; restarts: number }>([
    { what: 'unknown throughout', before: nameless(10), after: nameless(12), total: 2, restarts: 0 },
    { what: 'that disappears', before: adds(10), after: nameless(12), total: 2, restarts: 0 },
    { what: 'that appears', before: nameless(10), after: adds(12), total: 2, restarts: 0 },
    {
      what: 'unknown, and a total that fell',
      before: nameless(10),
      after: nameless(4),
      total: 4,
      restarts: 1,
    },
    {
      what: 'unknown, and calls to one API that fell',
      before: nameless(10, calls('X', 10), calls('Y', 10)),
      after: nameless(12, calls('X', 11), calls('Y', 9)),
      total: 12,
      restarts: 1,
    },
    {
      what: 'unknown, and calls that stay, or begin',
      before: nameless(10, calls('X', 10)),
      after: nameless(12, calls('X', 10), calls('Y', 1)),
      total: 2,
      restarts: 0,
    },
    {
      what: 'unknown, and calls that cannot be',
      before: nameless(10, calls('X', 10)),
      after: nameless(12, calls('X', 9.5)),
      total: 2,
      restarts: 0,
    },
    { what: 'moved by the clock', before: adds(10), after: adds(12, OLD + 1), total: 2, restarts: 0 },
    {
      what: 'hardly later, and a total that fell',
      before: adds(10),
      after: adds(4, OLD + 1),
      total: 4,
      restarts: 1,
    },
    { what: 'later', before: adds(10), after: adds(12, OLD + 2), total: 12, restarts: 1 },
    { what: 'earlier', before: adds(10), after: adds(12, OLD - 60), total: 12, restarts: 1 },
  ])('$what: $total events, $restarts restarts', ({ before, after, total, restarts }) => {
    const [, second] = run({ a: before, b: adds(5), c: adds(5) }, { a: after, b: adds(5), c: adds(5) });
    expect(totals(second as Counted)).toMatchObject({ addReqCount: total });
    expect(second).toMatchObject({ increases: { restarts }, restarted: restarts ? ['a'] : [] });
  });

  test('is remembered while a pod does not expose it', () => {
    const [, , third] = run({ a: adds(10) }, { a: nameless(12) }, { a: adds(20, OLD + 3_700) });
    expect(totals(third as Counted)).toMatchObject({ addReqCount: 20 });
  });
});

describe('a family', () => {
  test('with labels that no pod exposes had no event', () => {
    expect(lastTotal('ipamdErr', { a: adds(1), b: adds(1) }, { a: adds(1), b: adds(2) })).toBe(0);
  });

  test('with labels that appears counts from its first event', () => {
    const failing = podReading(OLD, { addReqCount: 1, ipamdErr: 3 });
    expect(lastTotal('ipamdErr', { a: adds(1), b: adds(1) }, { a: adds(1), b: failing })).toBe(3);
  });

  test('with labels begins anew with its process', () => {
    const failing = podReading(OLD, { ipamdErr: 3 });
    const restarted = podReading(OLD + 3_700, { ipamdErr: 1 });
    expect(lastTotal('ipamdErr', { a: failing }, { a: podReading(OLD + 3_650) }, { a: restarted })).toBe(1);
  });

  test('without labels that no pod ever exposed is unknown', () => {
    const cycles = [{ a: adds(1) }, { a: adds(1), b: adds(1) }];
    expect(lastTotal('noAvailableIPAddresses', ...cycles)).toBeUndefined();
  });

  test('without labels that appears in a known process starts from a baseline', () => {
    const cycles = [{ a: adds(1) }, { a: podReading(OLD, { forceRemoveIPs: 9 }) }];
    expect(lastTotal('forceRemoveIPs', ...cycles)).toBeUndefined();
    expect(lastTotal('forceRemoveIPs', ...cycles, { a: podReading(OLD, { forceRemoveIPs: 11 }) })).toBe(2);
  });
});

describe('a pod gone from the list', () => {
  const gone = (minutes: number) => Array.from({ length: minutes }, () => ({ b: adds(1) }));
  const before = { a: adds(10), b: adds(1) };
  const back = { a: adds(12), b: adds(1) };

  test.each([
    { what: 'is remembered for an hour', minutes: 60, total: 2 },
    { what: 'is a new one after it', minutes: 61, total: 12 },
  ])('$what', ({ minutes, total }) => {
    expect(lastTotal('addReqCount', before, ...gone(minutes), back)).toBe(total);
  });

  test('is dropped after an hour', () => {
    const kept = run(before, ...gone(61)).map(({ next }) => next.pods.has('a'));
    expect(kept.indexOf(false)).toBe(61);
  });

  test('goes on waiting for its baseline', () => {
    expect(lastTotal('addReqCount', { a: undefined, b: adds(1) }, ...gone(2), back)).toBe(0);
  });
});
