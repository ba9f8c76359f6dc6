import { expect, test } from 'vitest';
import { type Advanced, advance } from '../../../lambda/collect/advance.ts';
import type { Metric } from '../../../lambda/domain/metric.ts';
import { stateFromText, stateToText } from '../../../lambda/domain/state/format.ts';
import type { State } from '../../../lambda/domain/state/state.ts';
import { podReading } from '../../support/reading.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 22, 12);
const STARTED = NOON / 1_000 - 3_600;

/** What a pod does in a cycle: it is read, refuses a pod, restarts, gives no answer, gives none while it is deleted. */
type Letter = '.' | 'r' | 's' | 'u' | 't';

interface Course {
  /** A letter a cycle. */
  readonly pods: Readonly<Record<string, string>>;
  /** Free addresses of a subnet, a number a cycle; undefined: EC2 did not answer. */
  readonly free?: readonly (number | undefined)[];
  readonly periodMinutes?: number;
}

/** Each cycle begins with a cold start: it knows the stored text alone. */
function run({ pods, free = [], periodMinutes = 1 }: Course): Advanced[] {
  let stored: string | undefined;
  const events = new Map(Object.keys(pods).map((pod) => [pod, { startTime: STARTED, refused: 0 }]));
  const cycles = Math.max(...Object.values(pods).map(({ length }) => length));
  return Array.from({ length: cycles }, (_, cycle) => {
    const letters = Object.entries(pods).map(([pod, course]) => [pod, course[cycle] as Letter] as const);
    const read = letters.flatMap(([pod, letter]) => {
      const process = events.get(pod);
      if (!process || letter === 'u' || letter === 't') return [];
      if (letter === 'r') process.refused += 1;
      if (letter === 's') process.startTime += 5 + cycle;
      if (letter === 's') process.refused = 0;
      return [[pod, podReading(process.startTime, { noAvailableIPAddresses: process.refused })] as const];
    });
    const available = free[cycle];
    const previous: State | undefined =
      stored === undefined ? undefined : stateFromText(stored, NOON + cycles * periodMinutes * MINUTE);
    const advanced = advance(previous, {
      time: NOON + cycle * periodMinutes * MINUTE,
      pods: letters.map(([name, letter]) => ({
        name,
        node: `node-${name}`,
        ...(letter === 't' && { isTerminating: true as const }),
      })),
      read: new Map(read),
      subnets:
        available === undefined ? [] : [{ id: 's', vpcId: 'v', prefix: 24, available, tags: new Map() }],
    });
    stored = stateToText(advanced.next);
    return advanced;
  });
}

const valuesOf = (metrics: readonly Metric[] = []) =>
  Object.fromEntries(metrics.map((metric) => [metric.name, 'value' in metric ? metric.value : metric]));
const last = (course: Course) => run(course).at(-1);

test('conditions that last are counted and named', () => {
  const advanced = last({
    pods: { full: '.rrrrrr', dead: '.uuuuuu', crashing: '.s.s.s.', fine: '.......' },
  });
  expect(valuesOf(advanced?.nodeMetrics)).toEqual({
    nodesUnread: 1,
    nodesRefusingPods: 1,
    nodesRestarting: 1,
  });
  expect(advanced?.warnings).toEqual([
    { code: 'nodes-unread', message: 'dead on node-dead' },
    { code: 'nodes-refusing-pods', message: 'full on node-full' },
    { code: 'nodes-restarting', message: 'crashing on node-crashing' },
  ]);
});

test('conditions that pass are not counted', () => {
  const advanced = last({ pods: { burst: '.rrrr..', late: '.uuuu..', updated: '...s...' } });
  expect(valuesOf(advanced?.nodeMetrics)).toEqual({
    nodesUnread: 0,
    nodesRefusingPods: 0,
    nodesRestarting: 0,
  });
  expect(advanced?.warnings).toEqual([]);
});

test('in the first cycle nothing is known', () => {
  expect(last({ pods: { a: 'u', b: '.' } })?.nodeMetrics).toEqual([]);
});

test('pods refused before the first reading are none of this cycle', () => {
  expect(last({ pods: { a: 'r' } })?.next.pods.get('a')).not.toHaveProperty('refusing');
});

test('a pod that is being deleted is not an unread node, however long it takes', () => {
  expect(valuesOf(last({ pods: { a: '.tttttttt', b: '.........' } })?.nodeMetrics)).toMatchObject({
    nodesUnread: 0,
  });
});

test('streaks grow in cycles that read no pod', () => {
  expect(valuesOf(last({ pods: { a: '.uuuuuu', b: '.uuuuuu' } })?.nodeMetrics)).toMatchObject({
    nodesUnread: 2,
  });
});

test('a long list of nodes is cut', () => {
  const pods = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`p${index}`, '.uuuuuu']));
  expect(last({ pods })?.warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^p0 on node-p0, .*p9 on node-p9 and 2 more$/),
  ]);
});

test('the time to exhaustion needs a day, outlives cycles without an answer of EC2, and follows a leak', () => {
  const cycles = 3 * 24 * 2;
  const free = Array.from({ length: cycles }, (_, cycle) => (cycle % 7 === 3 ? undefined : 250 - cycle));
  const advanced = run({ pods: { a: '.'.repeat(cycles) }, free, periodMinutes: 30 });
  const hours = advanced.map(({ exhaustion }) => valuesOf(exhaustion).subnetHoursToExhaustion);
  expect(hours.slice(0, 38)).toEqual(Array(38).fill(undefined));
  expect(hours.slice(40, 96)).toEqual(Array(56).fill(720));
  // 2 addresses an hour.
  expect(hours.at(-1)).toBeCloseTo((250 - cycles) / 2, -1);
});

test('an empty subnet has no hours left, even in the first cycle', () => {
  expect(valuesOf(last({ pods: { a: '.' }, free: [0] })?.exhaustion)).toEqual({ subnetHoursToExhaustion: 0 });
});

test('an IPv6-only subnet has no history', () => {
  const ipv6 = { id: 's', vpcId: 'v', prefix: undefined, available: 0, tags: new Map() };
  const { next, exhaustion } = advance(undefined, { time: NOON, pods: [], read: new Map(), subnets: [ipv6] });
  expect([next.subnets, exhaustion]).toEqual([undefined, []]);
});
