import { expect, test } from 'vitest';
import { COUNTERS } from '../../../../lambda/domain/catalog.ts';
import { increase } from '../../../../lambda/domain/state/counters.ts';
import { stateFromText, stateToText } from '../../../../lambda/domain/state/format.ts';
import { headerFromText, headerToText } from '../../../../lambda/domain/state/header.ts';
import { UnusableState } from '../../../../lambda/domain/state/shape.ts';
import { someState } from '../../../support/states.ts';

const NOW = Date.UTC(2026, 0, 2);
const text = stateToText(someState(Date.UTC(2026, 0, 2)));
const changed = (change: (columns: Record<string, unknown>) => void): string => {
  const columns = JSON.parse(text);
  change(columns);
  return JSON.stringify(columns);
};

test('what is written is read again: NaN, odd names of APIs, pods unread and pods gone', () => {
  expect(stateFromText(text, NOW)).toEqual(someState(Date.UTC(2026, 0, 2)));
});

test('a streak of the most cycles, and one that does not hold now, are written as they are read', () => {
  const streaks = { unread: [[2, 1, 1e9]], refusing: [[2, 1, 2, 5]] };
  const older = changed((columns) => Object.assign(columns, streaks));
  const { pods } = stateFromText(older, NOW);
  const state = { time: NOW, since: 0, pods };
  const { next } = increase(state, { time: NOW + 1, listed: new Set(pods.keys()), read: new Map() });
  expect(stateFromText(stateToText(next), NOW).pods.get('aws-node-c')).toMatchObject({
    unread: { since: 1, cycles: 1e9 },
    refusing: { since: 1, cycles: 2, heldAt: 5 },
  });
});

test('a counter that an older function did not store is unknown, not zero', () => {
  const { pods } = stateFromText(
    changed(({ counters }) => {
      Reflect.deleteProperty(counters as object, 'awsAPIErr');
    }),
    NOW,
  );
  const last = pods.get('aws-node-a')?.last;
  expect(typeof last === 'object' && last.counters).toEqual([
    Number.NaN,
    ...COUNTERS.slice(1).map((_, index) => (index === 2 ? Number.NaN : index + 1)),
  ]);
});

test('a counter that this function no longer has is ignored', () => {
  const more = changed(({ counters }) => {
    Object.assign(counters as object, { gone: [1, 2, 3, 4, 5] });
  });
  expect(stateFromText(more, NOW)).toEqual(stateFromText(text, NOW));
});

test('state that an older function wrote, without conditions of nodes and histories of subnets, is read', () => {
  const grown = ['unread', 'refusing', 'restarts', 'subnets'];
  const older = changed((columns) => {
    for (const column of grown) Reflect.deleteProperty(columns, column);
  });
  const { pods, subnets } = stateFromText(older, NOW);
  expect(subnets).toBeUndefined();
  for (const memory of pods.values()) for (const column of grown) expect(memory).not.toHaveProperty(column);
});

test.each<{ what: string; change: (columns: Record<string, unknown>) => void; message: string }>([
  { what: 'no pods', change: (c) => delete c.pods, message: 'pods is not a list' },
  {
    what: 'a pod without a name',
    change: (c) => Object.assign(c.pods as object, { 0: 7 }),
    message: 'pods is not text',
  },
  {
    what: 'a time that is none',
    change: (c) => Object.assign(c, { time: '1' }),
    message: 'time is not a number',
  },
  {
    what: 'an infinite time',
    change: (c) => Object.assign(c, { since: null }),
    message: 'since is not a number',
  },
  {
    what: 'a streak of no pod',
    change: (c) => Object.assign(c, { unread: [[9, 1, 1]] }),
    message: 'unread is not a position in a list of 5',
  },
  {
    what: 'a streak without a beginning',
    change: (c) => Object.assign(c, { refusing: [[1, null, 1]] }),
    message: 'refusing is not a number',
  },
  {
    what: 'restarts that are no list',
    change: (c) => Object.assign(c, { restarts: [[1, 7]] }),
    message: 'restarts is not a list',
  },
  {
    what: 'more restarts than are kept',
    change: (c) => Object.assign(c, { restarts: [[1, [1, 2, 3, 4]]] }),
    message: 'restarts has more than 3 times of a pod',
  },
  {
    what: 'a streak of half a cycle',
    change: (c) => Object.assign(c, { unread: [[1, 1, 0.5]] }),
    message: 'unread is not a whole number from 0 to 1000000000',
  },
  {
    what: 'more free addresses than a subnet can have',
    change: (c) => Object.assign(c, { subnets: { s: { hours: [], days: [[1, 65_537]], recent: [] } } }),
    message: 's is not a whole number from 0 to 65536',
  },
  {
    what: 'more readings of a subnet than are kept',
    change: (c) =>
      Object.assign(c, { subnets: { s: { hours: [], days: [], recent: Array(201).fill([1, 1]) } } }),
    message: 's has more than 200 readings',
  },
  {
    what: 'half a reading of a subnet',
    change: (c) => Object.assign(c, { subnets: { s: { hours: [[1]], days: [], recent: [] } } }),
    message: 's is not a number',
  },
  {
    what: 'more subnets than a VPC has',
    change: (c) =>
      Object.assign(c, {
        subnets: Object.fromEntries(
          Array.from({ length: 1_001 }, (_, n) => [n, { hours: [], days: [], recent: [] }]),
        ),
      }),
    message: 'of 1001 subnets, more than 1000',
  },
  {
    what: 'a subnet with a long name',
    change: (c) => Object.assign(c, { subnets: { ['x'.repeat(65)]: { hours: [], days: [], recent: [] } } }),
    message: `of a subnet "${'x'.repeat(65)}", which is no ID`,
  },
  {
    what: 'a column too short',
    change: (c) => Object.assign(c, { startTimes: [1] }),
    message: 'startTimes is not 5 long',
  },
  {
    what: 'text among numbers',
    change: (c) => Object.assign(c, { startTimes: [1, 2, '3', 4, 5] }),
    message: 'startTimes is not a number from 0 to 9007199254740992',
  },
  {
    what: 'a pod beyond the list',
    change: (c) => Object.assign(c, { whole: [5] }),
    message: 'whole is not a position in a list of 5',
  },
  {
    what: 'a pod before the list',
    change: (c) => Object.assign(c, { whole: [-1] }),
    message: 'whole is not a position in a list of 5',
  },
  {
    what: 'half a pod',
    change: (c) => Object.assign(c, { baseline: [0.5] }),
    message: 'baseline is not a position in a list of 5',
  },
  {
    what: 'a pod missing without a time',
    change: (c) => Object.assign(c, { missing: [[1]] }),
    message: 'missing is not 2 long',
  },
  {
    what: 'latencies as a list',
    change: (c) => Object.assign(c, { latencies: [] }),
    message: 'latencies is not an object',
  },
  {
    what: 'a latency without a sum',
    change: (c) => Object.assign(c, { latencies: { X: { count: [0, 0, 0, 0, 0] } } }),
    message: 'X is not a list',
  },
  {
    what: 'a negative counter',
    change: (c) => Object.assign(c.counters as object, { addReqCount: [1, 2, -1_000_000, 4, 5] }),
    message: 'addReqCount is not a number from 0 to 9007199254740992',
  },
  {
    what: 'a counter beyond 2^53',
    change: (c) => Object.assign(c.counters as object, { addReqCount: [1, 2, 1.7e308, 4, 5] }),
    message: 'addReqCount is not a number from 0 to 9007199254740992',
  },
  {
    what: 'a negative start time',
    change: (c) => Object.assign(c, { startTimes: [1, 2, -3, 4, 5] }),
    message: 'startTimes is not a number from 0 to 9007199254740992',
  },
  {
    what: 'a time years ahead',
    change: (c) => Object.assign(c, { time: Date.UTC(2036, 0, 1) }),
    message: `time is ${Date.UTC(2036, 0, 1)}, later than 2026-01-02T00:04:00.000Z or negative`,
  },
  {
    what: 'a time beyond all dates',
    change: (c) => Object.assign(c, { time: 1e300 }),
    message: 'time is 1e+300, later than 2026-01-02T00:04:00.000Z or negative',
  },
  {
    what: 'a negative time',
    change: (c) => Object.assign(c, { since: -1 }),
    message: 'since is -1, later than 2026-01-02T00:04:00.000Z or negative',
  },
  {
    what: 'a pod missing since tomorrow',
    change: (c) => Object.assign(c, { missing: [[1, Date.UTC(2026, 0, 3)]] }),
    message: `missing is ${Date.UTC(2026, 0, 3)}, later than 2026-01-02T00:04:00.000Z or negative`,
  },
  {
    what: 'a long name of an API that would reach the log',
    change: (c) => Object.assign(c, { latencies: { [`\u009b${'x'.repeat(100_000)}`]: 1 } }),
    message: `"\\u{9b}${'x'.repeat(79)}"… (100001 characters) is not an object`,
  },
  {
    what: 'a name that no pod can have',
    change: (c) => Object.assign(c.pods as object, { 0: 'A\u009b' }),
    message: 'of a pod "A\\u{9b}", which is no name',
  },
  {
    what: 'a name that no API can have',
    change: (c) =>
      Object.assign(c, { latencies: { ['x'.repeat(65)]: { count: [1, 1, 1, 1, 1], sum: [1, 1, 1, 1, 1] } } }),
    message: `of an API "${'x'.repeat(65)}", which is no name`,
  },
  {
    what: 'more APIs than are counted apart',
    change: (c) => Object.assign(c, { latencies: { ...Array(66).fill(1) } }),
    message: 'of 66 APIs, more than 65',
  },
  {
    what: 'more pods than a cluster can have',
    change: (c) => Object.assign(c, { pods: Array(200_001).fill('') }),
    message: 'of 200001 pods, more than 200000',
  },
])('a state with $what cannot be used', ({ change, message }) => {
  expect(() => stateFromText(changed(change), NOW)).toThrow(new UnusableState(message));
});

test('a tick two minutes ahead, by a clock two minutes ahead, is no fault', () => {
  const ahead = stateToText(someState(NOW + 240_000));
  expect(stateFromText(ahead, NOW)).toEqual(someState(NOW + 240_000));
});

test.each([undefined, { tick: NOW + 240_000, until: NOW + 19 * 60_000 }])(
  'a header is read again, with lease %o',
  (lease) => {
    const header = { cluster: 'prod', writer: 'one', ...(lease && { lease }) };
    expect(headerFromText(headerToText(header), 'prod', NOW)).toEqual(header);
  },
);

test.each([
  { header: 'null', message: 'the header is not an object' },
  { header: '{"format":"x"}', message: 'not written by this program' },
  { header: '{"format":"eks-cni-metrics/readings","version":9}', message: 'version 9 is not 1' },
  {
    header: '{"format":"eks-cni-metrics/readings","version":1,"cluster":"a"}',
    message: 'of the cluster "a", not prod',
  },
  {
    header: '{"format":"eks-cni-metrics/readings","version":1,"cluster":"prod"}',
    message: 'writer is not text',
  },
  {
    header: headerToText({ cluster: 'prod', writer: 'one', lease: { tick: NOW, until: 9e15 } }),
    message: 'until is 9000000000000000, later than 2026-01-02T00:19:00.000Z or negative',
  },
  {
    header: headerToText({ cluster: 'prod', writer: 'one', lease: { tick: NOW + 3_600_000, until: NOW } }),
    message: `tick is ${NOW + 3_600_000}, later than 2026-01-02T00:04:00.000Z or negative`,
  },
])('a header that says $header cannot be used', ({ header, message }) => {
  expect(() => headerFromText(header, 'prod', NOW)).toThrow(new UnusableState(message));
});
