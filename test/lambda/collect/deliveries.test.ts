import { beforeEach, describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import { leasedState } from '../../../lambda/adapters/state/leased-state.ts';
import { memoryObject } from '../../../lambda/adapters/state/memory-object.ts';
import type { VersionedObject } from '../../../lambda/adapters/state/versioned-object.ts';
import { collect } from '../../../lambda/collect/collect.ts';
import type { ClusterReader, MetricSink, StateStore } from '../../../lambda/collect/ports.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import { CollectorError } from '../../../lambda/errors.ts';
import { createVirtualClock, type VirtualClock } from '../../../local/virtual-clock.ts';
import { collectorOf } from '../../support/collector.ts';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const TIMEOUT = 2 * MINUTE;
const PODS = ['a', 'b', 'c'].map((name) => ({ name, node: name }));

/** A function instance: its store, and how far its clock is off. */
interface Instance {
  readonly state: StateStore;
  readonly skew: number;
}

interface Course {
  /** How long the list of pods takes, milliseconds. */
  readonly listMs?: number;
  readonly publishFails?: boolean;
  /** When the function ends. */
  readonly crashes?: 'before publishing' | 'after publishing';
  /** The store is not reached any more from the publishing on. */
  readonly storeFails?: boolean;
}

describe('deliveries', () => {
  let clock: VirtualClock;
  let object: VersionedObject;
  /** What the sink took: the sum of all increases, and what each request was. */
  let published: number;
  let requests: string[];
  let isStoreAway: boolean;

  beforeEach(() => {
    clock = createVirtualClock(T0);
    const shared = memoryObject('shared');
    object = {
      ...shared,
      async replace(...args) {
        if (isStoreAway) throw new CollectorError('state-failed', 'the write was lost');
        return shared.replace(...args);
      },
    };
    isStoreAway = false;
    published = 0;
    requests = [];
  });

  const start = (owner: string, skew = 0): Instance => {
    const now = () => clock.now() + skew;
    return {
      skew,
      state: leasedState({ object, cluster: 'prod', owner, clock: { now, wait: clock.wait } }),
    };
  };

  /** Each of the three pods counts an event a second. */
  const events = () => Math.floor((clock.now() - T0) / 1_000);
  const text = () =>
    `process_start_time_seconds ${T0 / 1_000 - 60}\nawscni_add_ip_req_count ${100 + events()}\n`;

  const run = ({ state, skew }: Instance, minute: number, course: Course = {}): Promise<string> => {
    const own = { ...clock, now: () => clock.now() + skew };
    const cluster: ClusterReader = {
      async listPods() {
        await clock.wait(course.listMs ?? 0);
        return PODS;
      },
      readMetrics: async () => parseMetrics(Buffer.from(text())),
    };
    const sink: MetricSink = {
      name: 'books',
      async publish(metrics, time) {
        if (course.crashes === 'before publishing') return new Promise(() => {});
        isStoreAway = course.storeFails ?? false;
        if (course.publishFails) throw new CollectorError('publish-failed', 'the request failed');
        const counter = metrics.find(({ name }) => name === 'addReqCount');
        const value = counter && 'value' in counter ? counter.value : undefined;
        published += value ?? 0;
        requests.push(`${(time - T0) / MINUTE}: ${value ?? 'no counters'}`);
        return course.crashes === 'after publishing'
          ? new Promise(() => {})
          : { datums: metrics.length, requests: 1 };
      },
    };
    return collect(collectorOf({ cluster, state, sink, clock: own }), {
      time: T0 + minute * MINUTE,
      dryRun: false,
      deadline: Deadline.in(TIMEOUT, own),
    }).then(({ report, failure }) => failure?.code ?? report.warnings[0]?.code ?? 'published');
  };

  /** Runs at their minutes; the outcome of each, in the order given. */
  const story = async (
    ...deliveries: { at: number; by: Instance; tick: number; course?: Course }[]
  ): Promise<(string | undefined)[]> => {
    const outcomes: (string | undefined)[] = deliveries.map(() => undefined);
    deliveries.forEach(({ at, by, tick, course }, index) => {
      clock.at(T0 + at * MINUTE, async () => {
        outcomes[index] = await run(by, tick, course);
      });
    });
    await clock.run();
    return outcomes;
  };

  test('a run longer than its period: the next one goes without counters, the one after covers both', async () => {
    const [one, two] = [start('one'), start('two')];
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1, course: { listMs: 90_000 } },
      { at: 2, by: two, tick: 2 },
      { at: 3, by: two, tick: 3 },
    );
    expect(outcomes).toEqual(['published', 'published', 'counters-withheld', 'published']);
    expect(requests).toEqual(['0: no counters', '2: no counters', '1: 450', '3: 90']);
  });

  test('two functions on one cluster: a tick is published by one of them', async () => {
    const [one, two] = [start('one'), start('two')];
    const outcomes = await story(
      ...[0, 1, 2].flatMap((minute) => [
        { at: minute, by: one, tick: minute, course: { listMs: 10 } },
        { at: minute, by: two, tick: minute, course: { listMs: 10 } },
      ]),
    );
    expect(outcomes.filter((outcome) => outcome === 'published')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'tick-published')).toHaveLength(3);
    expect(published).toBe(2 * 180);
  });

  test.each([
    { what: 'by the same function', other: 'one' },
    { what: 'by a cold one', other: 'two' },
  ])('an event delivered twice, the second time $what, is published once', async ({ other }) => {
    const one = start('one');
    const again = other === 'one' ? one : start(other);
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1 },
      { at: 1.5, by: again, tick: 1 },
      { at: 2, by: one, tick: 2 },
    );
    expect(outcomes).toEqual(['published', 'published', 'tick-published', 'published']);
    expect(requests).toEqual(['0: no counters', '1: 180', '2: 180']);
  });

  test('an event that comes after a later one is skipped: its interval is published already', async () => {
    const one = start('one');
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 2, by: one, tick: 2 },
      { at: 2.1, by: one, tick: 1 },
    );
    expect(outcomes.at(-1)).toBe('tick-published');
    expect(published).toBe(360);
  });

  test.each([
    { first: -MINUTE, second: MINUTE },
    { first: MINUTE, second: -MINUTE },
  ])(
    'clocks a minute off, $first and $second ms: a run that goes on is not taken over',
    async ({ first, second }) => {
      const [one, two] = [start('one', first), start('two', second)];
      const outcomes = await story(
        { at: 0, by: one, tick: 0 },
        { at: 1, by: one, tick: 1, course: { listMs: 70_000 } },
        { at: 2, by: two, tick: 2 },
        { at: 3, by: two, tick: 3 },
      );
      expect(outcomes).toEqual(['published', 'published', 'counters-withheld', 'published']);
      expect(published).toBe(3 * 180);
    },
  );

  test('a failed publish: the next cycle publishes both intervals, also from a cold function', async () => {
    const [one, two] = [start('one'), start('two')];
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1, course: { publishFails: true } },
      { at: 2, by: one, tick: 2 },
      { at: 3, by: one, tick: 3, course: { publishFails: true } },
      { at: 8, by: two, tick: 8 },
    );
    expect(outcomes).toEqual(['published', 'publish-failed', 'published', 'publish-failed', 'published']);
    expect(requests).toEqual(['0: no counters', '2: 360', '8: 1080']);
  });

  const storeIsBackAt = (minute: number) =>
    clock.at(T0 + minute * MINUTE, () => {
      isStoreAway = false;
    });

  test('a failed commit: the function goes on from what it published', async () => {
    const [one, two] = [start('one'), start('two')];
    storeIsBackAt(1.5);
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1, course: { storeFails: true } },
      { at: 1.6, by: one, tick: 1 },
      { at: 2, by: one, tick: 2 },
      { at: 3, by: two, tick: 3 },
    );
    expect(outcomes).toEqual(['published', 'commit-failed', 'tick-published', 'published', 'published']);
    expect(published).toBe(3 * 180);
  });

  test.each([
    {
      what: 'is not called again before its lease expires',
      tick: 6,
      outcome: 'publish-uncertain',
      first: '6: 900',
    },
    { what: 'is overtaken within its lease', tick: 2, outcome: 'counters-withheld', first: '2: no counters' },
  ])(
    'a failed commit of a function that $what: nothing is published twice',
    async ({ tick, outcome, first }) => {
      const [one, two] = [start('one'), start('two')];
      storeIsBackAt(1.5);
      const outcomes = await story(
        { at: 0, by: one, tick: 0 },
        { at: 1, by: one, tick: 1, course: { storeFails: true } },
        { at: tick, by: two, tick },
        { at: tick + 1, by: one, tick: tick + 1 },
      );
      expect(outcomes).toEqual(['published', 'commit-failed', outcome, 'published']);
      expect(requests.slice(0, 3)).toEqual(['0: no counters', '1: 180', first]);
      expect(published).toBe((tick + 1) * 180);
    },
  );

  test('a write that conflicts is repeated under the lease', async () => {
    const one = start('one');
    const replace = object.replace;
    let writes = 0;
    Object.assign(object, {
      replace: async (...args: Parameters<typeof replace>) => {
        writes += 1;
        return writes % 2 === 0 ? undefined : replace(...args);
      },
    });
    const outcomes = await story(...[0, 1, 2].map((minute) => ({ at: minute, by: one, tick: minute })));
    expect(outcomes).toEqual(['published', 'published', 'published']);
    expect(requests).toEqual(['0: no counters', '1: 180', '2: 180']);
  });

  test('a failed publish whose rollback fails: the function rolls back later', async () => {
    const one = start('one');
    storeIsBackAt(1.5);
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1, course: { publishFails: true, storeFails: true } },
      { at: 2, by: one, tick: 2 },
    );
    expect(outcomes).toEqual(['published', 'publish-failed', 'published']);
    expect(requests).toEqual(['0: no counters', '2: 360']);
  });

  test('a function that ends between publishing and committing: its interval is published once', async () => {
    const [one, two] = [start('one'), start('two')];
    const outcomes = await story(
      { at: 0, by: one, tick: 0 },
      { at: 1, by: one, tick: 1, course: { crashes: 'after publishing' } },
      { at: 2, by: two, tick: 2 },
      { at: 6, by: two, tick: 6 },
      { at: 7, by: two, tick: 7 },
    );
    expect(outcomes).toEqual(['published', undefined, 'counters-withheld', 'publish-uncertain', 'published']);
    expect(requests).toEqual(['0: no counters', '1: 180', '2: no counters', '6: 900', '7: 180']);
    expect(published).toBe(7 * 180);
  });

  describe('the one window', () => {
    test('a function that ends while it publishes: its interval is missing if CloudWatch did not take it', async () => {
      const [one, two] = [start('one'), start('two')];
      const outcomes = await story(
        { at: 0, by: one, tick: 0 },
        { at: 1, by: one, tick: 1, course: { crashes: 'before publishing' } },
        { at: 6, by: two, tick: 6 },
        { at: 7, by: two, tick: 7 },
      );
      expect(outcomes).toEqual(['published', undefined, 'publish-uncertain', 'published']);
      expect(published).toBe(7 * 180 - 180);
    });

    test('a failed publish whose rollback fails, and no further call before the lease expires: the same', async () => {
      const [one, two] = [start('one'), start('two')];
      storeIsBackAt(1.5);
      const outcomes = await story(
        { at: 0, by: one, tick: 0 },
        { at: 1, by: one, tick: 1, course: { publishFails: true, storeFails: true } },
        { at: 6, by: two, tick: 6 },
        { at: 7, by: one, tick: 7 },
      );
      expect(outcomes).toEqual(['published', 'publish-failed', 'publish-uncertain', 'published']);
      expect(published).toBe(7 * 180 - 180);
    });
  });
});
