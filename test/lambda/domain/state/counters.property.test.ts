import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COUNTERS } from '../../../../lambda/domain/catalog.ts';
import { counterTotals, latencyStatistics } from '../../../../lambda/domain/increases.ts';
import type { PodReading } from '../../../../lambda/domain/pod-reading.ts';
import { type Counted, increase } from '../../../../lambda/domain/state/counters.ts';
import type { State } from '../../../../lambda/domain/state/state.ts';
import { podReading } from '../../../support/reading.ts';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);

/** Any answer: whole, with gaps, hostile. */
const number = fc.oneof(fc.nat(1_000), fc.double({ min: -1e9, max: 1e9 }), fc.constant(Number.NaN));
const anyReading: fc.Arbitrary<PodReading> = fc
  .record({
    startTime: fc.constantFrom(Number.NaN, T0 / 1_000 - 5_000, T0 / 1_000 - 50, T0 / 1_000 + 50),
    counts: fc.dictionary(fc.constantFrom(...COUNTERS.map(({ name }) => name)), number),
    latencies: fc.uniqueArray(
      fc.record(
        { api: fc.constantFrom('X', 'Y', 'Z'), count: number, sum: number, p99: fc.nat(1_000) },
        { requiredKeys: ['api', 'count', 'sum'] },
      ),
      { selector: ({ api }) => api },
    ),
  })
  .map(({ startTime, counts, latencies }) => podReading(startTime, counts, latencies));
const anyCycle = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.option(anyReading, { nil: undefined }),
);
const anyHistory = fc.array(anyCycle, { minLength: 1, maxLength: 6 });

type Cycle = Readonly<Record<string, PodReading | undefined>>;

function count(
  previous: State | undefined,
  cycle: Cycle | readonly (readonly [string, PodReading | undefined])[],
  time: number,
): Counted {
  const pods = Array.isArray(cycle) ? cycle : Object.entries(cycle);
  const read = new Map(pods.flatMap(([pod, now]) => (now ? [[pod, now] as const] : [])));
  return increase(previous, { time, listed: new Set(pods.map(([pod]) => pod)), read });
}

/** The state after a history, and the tick that follows it. */
function after(history: readonly Cycle[]): { state: State | undefined; time: number } {
  let state: State | undefined;
  history.forEach((cycle, index) => {
    state = count(state, cycle, T0 + index * MINUTE).next;
  });
  return { state, time: T0 + history.length * MINUTE };
}

const published = ({ increases }: Counted) => ({
  counters: counterTotals(increases),
  latency: latencyStatistics(increases),
  restarts: increases.restarts,
  compared: increases.compared,
});

test('no increase is ever negative, not finite, or has a maximum below its minimum', () => {
  fc.assert(
    fc.property(anyHistory, anyCycle, (history, cycle) => {
      const { state, time } = after(history);
      const { counters, latency } = published(count(state, cycle, time));
      for (const total of counters) if (total !== undefined) expect(total).toBeGreaterThanOrEqual(0);
      if (latency === undefined) return;
      expect(latency.sampleCount).toBeGreaterThan(0);
      expect(latency.sum).toBeGreaterThanOrEqual(0);
      expect(latency.maximum).toBeGreaterThanOrEqual(latency.minimum);
      expect(Object.values(latency).every(Number.isFinite)).toBe(true);
    }),
  );
});

test('the order of the pods changes nothing', () => {
  const shuffled = anyCycle.chain((cycle) => {
    const pods = Object.entries(cycle);
    return fc.tuple(fc.constant(pods), fc.shuffledSubarray(pods, { minLength: pods.length }));
  });
  fc.assert(
    fc.property(anyHistory, shuffled, (history, [pods, otherwise]) => {
      const { state, time } = after(history);
      const one = count(state, pods, time);
      const other = count(state, otherwise, time);
      expect(published(other)).toEqual(published(one));
      expect(other.next).toEqual(one.next);
    }),
  );
});

test('the first cycle knows no counter', () => {
  fc.assert(
    fc.property(anyCycle, (cycle) => {
      const first = published(count(undefined, cycle, T0));
      expect(first).toEqual({
        counters: COUNTERS.map(() => undefined),
        latency: undefined,
        restarts: 0,
        compared: 0,
      });
    }),
  );
});

test('a cycle repeated counts nothing', () => {
  fc.assert(
    fc.property(anyHistory, anyCycle, (history, cycle) => {
      const { state, time } = after(history);
      const { counters, latency, restarts } = published(
        count(count(state, cycle, time).next, cycle, time + MINUTE),
      );
      expect(counters.filter((total) => total !== undefined && total !== 0)).toEqual([]);
      expect({ latency, restarts }).toEqual({ latency: undefined, restarts: 0 });
    }),
  );
});

test('a cycle that reads no pod loses no event: the next one counts what it would have counted', () => {
  fc.assert(
    fc.property(anyHistory, anyCycle, (history, cycle) => {
      // The list does not change meanwhile.
      const last = history.at(-1) ?? {};
      const same = Object.fromEntries(Object.keys(last).map((pod) => [pod, cycle[pod]]));
      const { state, time } = after(history);
      const blind = count(state, Object.fromEntries(Object.keys(last).map((pod) => [pod, undefined])), time);
      expect(published(blind).compared).toBe(0);
      const [after1, before] = [count(blind.next, same, time + MINUTE), count(state, same, time + MINUTE)];
      expect(published(after1)).toEqual(published(before));
      expect(after1.baselined).toBe(before.baselined);
    }),
  );
});

test('a streak is as long as the cycles in a row that could not read the pod', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const { state } = after(history);
      for (const pod of Object.keys(history.at(-1) ?? {})) {
        const from =
          history.findLastIndex((cycle) => !Object.hasOwn(cycle, pod) || cycle[pod] !== undefined) + 1;
        const cycles = history.length - from;
        expect(state?.pods.get(pod)?.unread).toEqual(
          cycles === 0 ? undefined : { since: T0 + from * MINUTE, cycles },
        );
      }
    }),
  );
});

test('a cycle split in two counts the same events', () => {
  const steps = fc.record({
    before: fc.nat(1_000),
    middle: fc.nat(50),
    end: fc.nat(50),
    /** Whether ipamd restarts before the middle, and whether the pod was there, and read, at each of the times. */
    restarts: fc.boolean(),
    isNew: fc.boolean(),
    isReadBetween: fc.boolean(),
  });
  const at = (startTime: number, events: number) =>
    podReading(startTime, { addReqCount: events, ipamdErr: events }, [
      { api: 'X', count: events, sum: 3 * events },
    ]);

  fc.assert(
    fc.property(fc.array(steps, { minLength: 3, maxLength: 8 }), (pods) => {
      const cycle = (
        reading: (pod: (typeof pods)[number]) => PodReading | undefined,
        isListed = (_: (typeof pods)[number]) => true,
      ) =>
        Object.fromEntries(
          pods.flatMap((pod, index) => (isListed(pod) ? [[`pod-${index}`, reading(pod)]] : [])),
        );
      const old = T0 / 1_000 - 5_000;
      const start = ({ restarts }: { restarts: boolean }) => (restarts ? T0 / 1_000 + 20 : old);
      const first = cycle(
        ({ before }) => at(old, before),
        ({ isNew }) => !isNew,
      );
      const middle = cycle((pod) =>
        pod.isReadBetween ? at(start(pod), pod.middle + (pod.restarts ? 0 : pod.before)) : undefined,
      );
      const last = cycle((pod) => at(start(pod), pod.middle + pod.end + (pod.restarts ? 0 : pod.before)));

      const { next } = count(undefined, first, T0);
      const one = count(next, middle, T0 + MINUTE);
      const other = count(one.next, last, T0 + 2 * MINUTE);
      const whole = count(next, last, T0 + 2 * MINUTE);
      const totals = ({ increases }: Counted) => {
        const { sampleCount, sum } = latencyStatistics(increases) ?? {};
        return [...counterTotals(increases), sampleCount, sum];
      };
      const [early, late] = [totals(one), totals(other)];
      const both = early.map((value, index) =>
        value === undefined ? late[index] : value + (late[index] ?? 0),
      );
      expect(both).toEqual(totals(whole));
    }),
  );
});
