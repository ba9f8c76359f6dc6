import { expect, test } from 'vitest';
import { subnetMetrics } from '../../../lambda/domain/subnets.ts';
import { alarmsStack } from '../../support/cni-alarms-stack.ts';
import { firstFirings, live, podsOf, type Told } from '../../support/run-story.ts';
import { describedSubnets } from '../../support/story-fleet.ts';

const HOUR = 60;
/** The first minute of a story's trouble: all is well before. */
const ONSET = HOUR;

const templates = new Map(
  [1, 5].map((intervalMinutes) => [intervalMinutes, alarmsStack({ intervalMinutes })]),
);

function tell(told: Told): Record<string, number> {
  const template = templates.get(told.intervalMinutes ?? 1);
  if (!template) throw new Error(`no template for ${told.intervalMinutes} min`);
  return firstFirings(template, live(told), told.minutes);
}

/** Minutes until each alarm was on, counted from the beginning of the trouble. */
const sinceOnset = (first: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(first).map(([name, minute]) => [name, minute + 1 - ONSET]));

const within = (limits: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [
      name,
      expect.toSatisfy((minutes: number) => minutes > 0 && minutes <= limit, `${name} within ${limit} min`),
    ]),
  );

test.each<{
  story: string;
  fires: Record<string, number>;
  told: Omit<Told, 'minutes'> & { minutes?: number };
}>([
  {
    story: 'one subnet is empty, and its nodes want more pods',
    fires: {
      'subnet-critical': 6,
      'subnet-low': 16,
      'upgrade-room-low': 6,
      'upgrade-room-none': 6,
      'subnet-exhausted': 5,
      'pods-refused': 10,
      'nodes-without-warm-ips': 20,
      'ipamd-errors': 15,
      'aws-api-errors': 15,
    },
    told: {
      nodes: 60,
      prefix: 21,
      happens(minute, fleet) {
        const [subnet] = fleet.subnets;
        if (minute < ONSET || !subnet) return undefined;
        subnet.others += subnet.free();
        for (const node of fleet.nodes) if (node.subnet === subnet) node.load = 0.9;
        return undefined;
      },
    },
  },
  {
    story: 'ipamd crash-loops on 10 of 200 nodes',
    fires: { 'coverage-low': 3 },
    told: {
      nodes: 200,
      prefix: 19,
      happens(minute, fleet) {
        if (minute < ONSET) return undefined;
        const [up, down] = [0, 1].map((rest) =>
          fleet.nodes.slice(0, 10).filter((_, index) => Math.sign((minute + index) % 3) === rest),
        );
        for (const node of up ?? []) node.restart(minute);
        return { unread: new Set(down?.map(({ pod }) => pod)) };
      },
    },
  },
  {
    story: 'EC2 throttles ipamd while the cluster grows',
    fires: { 'aws-api-errors': 15, 'ipamd-errors': 15, 'ipamd-busy': 20 },
    told: {
      nodes: 200,
      prefix: 19,
      happens(minute, fleet) {
        if (minute < ONSET) return undefined;
        fleet.throttled = 0.95;
        for (const node of fleet.nodes) node.load += 0.001;
        return undefined;
      },
    },
  },
  {
    story: '10 % of the pods are unreadable',
    fires: { 'coverage-low': 3 },
    told: {
      nodes: 200,
      prefix: 19,
      happens: (minute, fleet) => (minute < ONSET ? undefined : { unread: podsOf(fleet, 20) }),
    },
  },
  {
    story: 'more than 10 % of the pods are unreadable, once',
    fires: { 'coverage-lost': 1 },
    told: {
      nodes: 200,
      prefix: 19,
      happens: (minute, fleet) => (minute === ONSET ? { unread: podsOf(fleet, 21) } : undefined),
    },
  },
  {
    story: 'the collector dies in silence',
    fires: { heartbeat: 3 },
    told: {
      nodes: 20,
      prefix: 20,
      happens: (minute) => (minute < ONSET ? undefined : { lost: { outcome: 'not started' } }),
    },
  },
  {
    story: 'the collector fails',
    fires: { 'function-errors': 2, heartbeat: 3 },
    told: {
      nodes: 20,
      prefix: 20,
      happens: (minute) => (minute < ONSET ? undefined : { lost: { outcome: 'failed' } }),
    },
  },
  {
    story: 'the account has no concurrency left for the collector',
    fires: { 'function-throttles': 1, heartbeat: 3 },
    told: {
      nodes: 20,
      prefix: 20,
      happens: (minute) => (minute < ONSET ? undefined : { lost: { outcome: 'throttled' } }),
    },
  },
  {
    story: 'the schedule may not call the collector',
    fires: { 'dead-letters': 1, heartbeat: 3 },
    told: {
      nodes: 20,
      prefix: 20,
      happens: (minute) =>
        minute < ONSET ? undefined : { lost: { outcome: 'not started', deadLetters: 3 } },
    },
  },
  {
    story: 'the collector grows slow',
    fires: { 'function-slow': 2 },
    told: {
      nodes: 20,
      prefix: 20,
      happens: (minute) => (minute < ONSET ? undefined : { durationMs: 40_000 }),
    },
  },
  {
    story: 'a collector that runs every 5 minutes dies',
    fires: { heartbeat: 15 },
    told: {
      nodes: 20,
      prefix: 20,
      intervalMinutes: 5,
      happens: (minute) => (minute < ONSET ? undefined : { lost: { outcome: 'not started' } }),
    },
  },
  {
    story: 'a collector that runs every 5 minutes cannot read 10 % of the pods',
    fires: { 'coverage-low': 15 },
    told: {
      nodes: 20,
      prefix: 20,
      intervalMinutes: 5,
      happens: (minute, fleet) => (minute < ONSET ? undefined : { unread: podsOf(fleet, 2) }),
    },
  },
])('$story: exactly the right alarms, in time', ({ fires, told }) => {
  expect(sinceOnset(tell({ minutes: 3 * HOUR, ...told }))).toEqual(within(fires));
});

test('a slow leak of addresses: each step is told soon after it is true', () => {
  const truth = new Map<string, number>();
  const note = (name: string, minute: number, isTrue: boolean) => {
    if (isTrue && !truth.has(name)) truth.set(name, minute);
  };
  const fired = tell({
    nodes: 60,
    minutes: 24 * HOUR,
    prefix: 21,
    happens(minute, fleet) {
      const [subnet] = fleet.subnets;
      if (subnet && minute >= ONSET) subnet.others += 2;
      const worst = subnetMetrics(describedSubnets(fleet)).slice(-2);
      const [free = 0, percent = 0] = worst.map((metric) => ('value' in metric ? metric.value : 0));
      note('subnet-low', minute, percent < 20);
      note('subnet-critical', minute, percent < 10);
      note('upgrade-room-low', minute, free < 16);
      note('upgrade-room-none', minute, free <= 5);
      return undefined;
    },
  });
  const limits = { 'subnet-low': 15, 'subnet-critical': 5, 'upgrade-room-low': 5, 'upgrade-room-none': 5 };
  for (const [name, limit] of Object.entries(limits)) {
    const delay = (fired[name] ?? Number.NaN) - (truth.get(name) ?? Number.NaN);
    expect(delay, name).toBeGreaterThanOrEqual(0);
    expect(delay, name).toBeLessThanOrEqual(limit);
  }
  expect(new Set(Object.keys(fired))).toEqual(
    new Set([...Object.keys(limits), 'subnet-exhausted', 'ipamd-errors', 'aws-api-errors']),
  );
  expect(fired['subnet-low'], 'the warning comes hours before the harm').toBeLessThan(
    (fired['subnet-exhausted'] ?? Number.POSITIVE_INFINITY) - 2 * HOUR,
  );
});
