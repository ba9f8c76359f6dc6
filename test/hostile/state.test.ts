import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { HEADER_MEMBER_BYTES } from '../../lambda/adapters/state/packed-state.ts';
import { holdingsKey } from '../../lambda/contract.ts';
import { CLUSTER_NAME } from '../../local/embedded-cluster.ts';
import {
  expectedMetrics,
  type HostileCluster,
  inOrder,
  NODES,
  STATE_KEY,
  startHostileCluster,
} from './hostile-cluster.ts';
import { startFunction } from './start-function.ts';

/** Processor time of a cycle that finds such a state. */
const MAX_CPU_MS = 3_000;
const MIB = 1024 * 1024;
const YEARS = 10 * 365 * 86_400_000;

/** The header and the state of stored bytes, and bytes made of others. */
const header = (bytes: Uint8Array) =>
  JSON.parse(gunzipSync(bytes.subarray(0, HEADER_MEMBER_BYTES)).toString());
const stateText = (bytes: Uint8Array) => gunzipSync(bytes.subarray(HEADER_MEMBER_BYTES)).toString();
function joined(head: object, text: string | Buffer): Buffer {
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  const padded = Buffer.concat([Buffer.alloc(1_024 - line.length, ' '), line]);
  return Buffer.concat([gzipSync(padded, { level: 0 }), gzipSync(text)]);
}

/** With another state text, or other fields of the state. */
const withText = (text: string) => (bytes: Uint8Array) => joined(header(bytes), text);
const withFields = (fields: object) => (bytes: Uint8Array) =>
  joined(header(bytes), JSON.stringify({ ...JSON.parse(stateText(bytes)), ...fields }));
const withCounter = (value: number) => (bytes: Uint8Array) => {
  const columns = JSON.parse(stateText(bytes));
  columns.counters.addReqCount = columns.pods.map(() => value);
  return joined(header(bytes), JSON.stringify(columns));
};
/** One pod with so many APIs: each is a column for all pods of the next state. */
function withOnePod(pod: string, nameOf: (api: number) => string, apis: number) {
  const names = Array.from({ length: apis }, (_, api) => nameOf(api));
  const latencies = Object.fromEntries(names.map((name) => [name, { count: [1], sum: [1] }]));
  const none = { baseline: [], whole: [], missing: [], unread: [], counters: {} };
  return withFields({ ...none, pods: [pod], startTimes: [1], latencies });
}
const withClaim = (claim: object) => (bytes: Uint8Array, now: number) =>
  joined({ ...header(bytes), claim: { tick: now, until: now, ...claim } }, stateText(bytes));

type Tamper = (bytes: Uint8Array, now: number) => Uint8Array;

/** A good cycle, a stored state that somebody changed, and the cycle that finds it. */
async function cycleWith({ cluster, nextCycle, moment }: HostileCluster, tamper: Tamper) {
  await nextCycle();
  const { s3, fleet } = cluster;
  const first = moment();
  s3.objects.set(STATE_KEY, tamper(s3.objects.get(STATE_KEY) ?? new Uint8Array(), fleet.now()));
  const invocation = await nextCycle();
  return { first, second: moment(), ...invocation };
}

const shared = await startHostileCluster(3);
let found = 0;
afterAll(() => shared[Symbol.asyncDispose]());

const COUNTER_KINDS = /Err|Count$|forceRemove|noAvailable|awsAPILatency|ipamdRestarts/;

test.each<{ what: string; tamper: Tamper }>([
  { what: 'a lease for ever', tamper: withClaim({ until: 9e15 }) },
  {
    what: 'a lease of a tick in ten years',
    tamper: (bytes, now) => withClaim({ tick: now + YEARS })(bytes, now),
  },
  { what: 'a negative lease', tamper: withClaim({ until: -1 }) },
  { what: 'a time in ten years', tamper: (bytes, now) => withFields({ time: now + YEARS })(bytes) },
  { what: 'a time beyond all dates', tamper: withFields({ time: 1e300 }) },
  { what: 'a negative time', tamper: withFields({ since: -8.64e15 }) },
  { what: 'negative counters', tamper: withCounter(-1_000_000) },
  { what: 'counters beyond all numbers', tamper: withCounter(1.7e308) },
  {
    what: 'a streak from ten years ahead',
    tamper: (bytes, now) => withFields({ refusing: [[0, now + YEARS, 2]] })(bytes),
  },
  { what: 'a streak of negative cycles', tamper: withFields({ unread: [[0, 0, -1]] }) },
  {
    what: 'a streak of more cycles than can be counted, which would never give a slow node its whole time again',
    tamper: withFields({ unread: [[0, 0, 2 ** 53]] }),
  },
  {
    what: 'restarts from ten years ahead',
    tamper: (bytes, now) => withFields({ restarts: [[0, [now + YEARS]]] })(bytes),
  },
  { what: 'a million restarts of a pod', tamper: withFields({ restarts: [[0, Array(1e6).fill(1)]] }) },
  {
    what: 'a history of subnets from ten years ahead',
    tamper: (bytes, now) =>
      withFields({ subnets: { s: { hours: [], days: [], recent: [[now + YEARS, 1]] } } })(bytes),
  },
  {
    what: 'negative free addresses',
    tamper: withFields({ subnets: { s: { hours: [[1, -1]], days: [], recent: [] } } }),
  },
  {
    what: 'free addresses before a fall that no subnet has',
    tamper: withFields({ subnets: { s: { hours: [], days: [], recent: [], before: 1e300 } } }),
  },
  {
    what: 'a million readings of a subnet',
    tamper: withFields({ subnets: { s: { hours: [], days: [], recent: Array(1e6).fill([1, 1]) } } }),
  },
  {
    what: 'a subnet whose name has 8 MB, which no cycle would forget',
    tamper: (bytes) => {
      const room = 8 * MIB - stateText(bytes).length - 1_000;
      return withFields({ subnets: { ['x'.repeat(room)]: { hours: [], days: [], recent: [] } } })(bytes);
    },
  },
  { what: 'columns of another length', tamper: withFields({ startTimes: [] }) },
  {
    what: 'names of objects as columns',
    tamper: withFields({ latencies: JSON.parse('{"__proto__":1}') }),
  },
  { what: '64 MB of text in 64 KB', tamper: (bytes) => joined(header(bytes), Buffer.alloc(64 * MIB, '[')) },
  { what: '8 MB of lists in lists', tamper: withText('['.repeat(4 * MIB - 9) + ']'.repeat(4 * MIB - 9)) },
  { what: '8 MB of empty objects', tamper: withText(`{"pods":[${'{},'.repeat(2.6 * MIB)}{}]}`) },
  {
    what: '8 MB of fields',
    tamper: withText(`{"a":{${Array.from({ length: 600_000 }, (_, index) => `"k${index}":0`).join()}}}`),
  },
  { what: '8 MB of pods without a name', tamper: withText(`{"pods":[${'"",'.repeat(2.6 * MIB)}""]}`) },
  { what: '40,000 APIs of a pod that is gone', tamper: withOnePod('gone', (n) => `api-${n}`, 40_000) },
  { what: 'an API whose name has 1 MB', tamper: withOnePod('gone', () => 'x'.repeat(MIB), 1) },
  { what: 'a pod whose name has 8 MB', tamper: withOnePod('x'.repeat(8 * MIB), () => 'x', 1) },
  { what: 'a header that inflates to 64 MB', tamper: () => gzipSync(Buffer.alloc(64 * MIB, ' ')) },
  { what: "another program's object of 20 MB", tamper: () => Buffer.alloc(20 * MIB, 'x') },
  { what: 'nothing', tamper: () => new Uint8Array() },
])(
  '$what is quarantined: gauges are exact, counters are left out, and exact in the next cycle',
  async ({ tamper }) => {
    // The fifth damage that a process finds fails the invocation.
    if (found % 4 === 0) await shared.restart();
    found += 1;
    const { second, report, error, cpuMs } = await cycleWith(shared, tamper);
    expect(error).toBeUndefined();
    expect(report?.warnings).toEqual([
      { code: 'state-quarantined', message: expect.stringContaining(`; copied to ${STATE_KEY}.quarantine-`) },
    ]);
    const names = inOrder(report?.metrics).map(({ name }) => name);
    expect(names.filter((name) => COUNTER_KINDS.test(name))).toEqual([]);
    expect(names).toContain('assignIPAddresses');
    expect(cpuMs).toBeLessThan(MAX_CPU_MS);

    const next = await shared.nextCycle();
    expect(inOrder(next.report?.metrics)).toEqual(expectedMetrics(second, shared.moment(), '', undefined));
    expect(next.report?.warnings).toEqual([]);
  },
);

test('a state of 200,000 pods that do not exist is forgotten, and costs no number', async () => {
  await using hostile = await startHostileCluster(3);
  const { first, second, report, cpuMs } = await cycleWith(hostile, (bytes) => {
    const { pods, startTimes, counters: _, latencies: __, ...columns } = JSON.parse(stateText(bytes));
    const strangers = Array.from({ length: 199_000 }, (_, index) => `x${index}`);
    return joined(
      header(bytes),
      JSON.stringify({
        ...columns,
        pods: [...pods, ...strangers],
        startTimes: [...startTimes, ...strangers.map(() => 0)],
        counters: {},
        latencies: {},
      }),
    );
  });
  const names = ['assignIPAddresses', 'awsNodePods', 'nodeIPUtilization', 'warmIPAddresses'];
  const only = (metrics: readonly { name: string }[] = []) =>
    metrics.filter(({ name }) => names.includes(name));
  expect(only(inOrder(report?.metrics))).toEqual(only(expectedMetrics(first, second, '', undefined)));
  expect(hostile.stored().size).toBeLessThan(10_100);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  const next = await hostile.nextCycle();
  expect(only(inOrder(next.report?.metrics))).toEqual(
    only(expectedMetrics(second, hostile.moment(), '', undefined)),
  );
});

test('a state and holders of addresses that are as large as they can be fit into memory together', async () => {
  await using hostile = await startHostileCluster(3);
  const { s3, fleet, environment } = hostile.cluster;
  await hostile.nextCycle();
  const bytes = s3.objects.get(STATE_KEY) ?? new Uint8Array();
  const { pods, ...columns } = JSON.parse(stateText(bytes));
  const all = [...pods, ...Array.from({ length: 199_900 }, (_, index) => `x${index}`)];
  const [ones, zeros] = [all.map(() => 1), all.map(() => 0)];
  const latencies = Object.fromEntries([...'abcdef'].map((api) => [api, { count: ones, sum: zeros }]));
  const large = { ...columns, pods: all, startTimes: zeros, counters: {}, latencies };
  s3.objects.set(STATE_KEY, joined({ ...header(bytes), writer: 'x' }, JSON.stringify(large)));
  // A small object with one field has room for 34 elements.
  const holders = `${'{"34":'.repeat(590_000)}0${'}'.repeat(590_000)}`;
  s3.objects.set(holdingsKey(STATE_KEY), gzipSync(holders));

  await using cold = startFunction(environment);
  fleet.advance(60_000);
  const { report } = await cold.invoke(JSON.stringify({ scheduledTime: new Date(fleet.now()) }), fleet.now());
  expect(report).toMatchObject({ pods: { found: NODES, read: NODES }, published: { sink: 'cloudwatch' } });
});

test('who writes a lease each minute withholds the counters, but not without a failure', async () => {
  await using hostile = await startHostileCluster(3);
  const { s3, fleet } = hostile.cluster;
  await hostile.nextCycle();
  await hostile.nextCycle();
  const before = hostile.moment();
  const errors: (string | undefined)[] = [];
  for (let minute = 0; minute < 6; minute += 1) {
    const bytes = s3.objects.get(STATE_KEY) ?? new Uint8Array();
    const claim = { tick: fleet.now(), until: fleet.now() + 15 * 60_000 };
    s3.objects.set(STATE_KEY, joined({ ...header(bytes), writer: 'somebody', claim }, stateText(bytes)));
    const { error } = await hostile.nextCycle();
    errors.push(error?.slice(0, 100));
  }
  expect(errors.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  for (const error of errors.slice(4)) expect(error).toContain('state-failed: for ');

  const bytes = s3.objects.get(STATE_KEY) ?? new Uint8Array();
  const { claim: _, ...free } = header(bytes);
  s3.objects.set(STATE_KEY, joined(free, stateText(bytes)));
  const { report } = await hostile.nextCycle();
  expect(inOrder(report?.metrics)).toEqual(expectedMetrics(before, hostile.moment(), '', undefined));
});

test('who writes a later time each minute keeps all cycles from publishing, but not without a failure', async () => {
  await using hostile = await startHostileCluster(3);
  const { s3, fleet } = hostile.cluster;
  await hostile.nextCycle();
  await hostile.nextCycle();
  const before = hostile.moment();
  const stored = s3.objects.get(STATE_KEY) ?? new Uint8Array();
  const results: (string | undefined)[] = [];
  for (let minute = 0; minute < 6; minute += 1) {
    const ahead = withFields({ time: fleet.now() + 4 * 60_000 })(stored);
    s3.objects.set(STATE_KEY, joined({ ...header(ahead), writer: 'somebody' }, stateText(ahead)));
    const { report, error } = await hostile.nextCycle();
    results.push(error?.slice(0, 40) ?? report?.warnings.map(({ code }) => code).join());
  }
  expect(results).toEqual([
    ...Array(4).fill('tick-published'),
    ...Array(2).fill(expect.stringContaining('state-failed: for ')),
  ]);
  s3.objects.set(STATE_KEY, stored);
  const { report } = await hostile.nextCycle();
  expect(inOrder(report?.metrics)).toEqual(expectedMetrics(before, hostile.moment(), '', undefined));
});

test.each([
  { when: 'each minute', period: 1, minutes: 6, failing: [4, 5] },
  { when: 'every other minute', period: 2, minutes: 13, failing: [8, 10, 12] },
])(
  'who damages the state $when withholds the counters, but not without a failure',
  async ({ period, minutes, failing }) => {
    await using hostile = await startHostileCluster(3);
    const { s3 } = hostile.cluster;
    await hostile.nextCycle();
    await hostile.nextCycle();
    const failed: number[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      if (minute % period === 0) s3.objects.set(STATE_KEY, Buffer.from('x'));
      const { error } = await hostile.nextCycle();
      if (error?.includes('state-failed: for ')) failed.push(minute);
    }
    expect(failed).toEqual(failing);
  },
);

test('a diagnosis says what is wrong with such a state, in characters that a terminal can show', async () => {
  await using hostile = await startHostileCluster(3);
  const { s3 } = hostile.cluster;
  s3.objects.set(
    STATE_KEY,
    joined({ format: 'eks-cni-metrics/readings', version: '\x9b31m\u202e', cluster: CLUSTER_NAME }, ''),
  );
  const { steps } = await hostile.diagnose();
  const { status, seen } = steps.find(({ name }) => name === 'state') ?? {};
  expect({ status, seen }).toEqual({
    status: 'failed',
    seen: expect.stringContaining(String.raw`is version "\u{9b}31m\u{202e}" is not 1`),
  });
});
