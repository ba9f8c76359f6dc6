import { describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import { SYSTEM_CLOCK } from '../../../lambda/adapters/system-clock.ts';
import type { Pod } from '../../../lambda/collect/ports.ts';
import { parseConfig } from '../../../lambda/config.ts';
import { type Diagnosable, diagnose } from '../../../lambda/diagnose/diagnose.ts';
import type { ClusterProbes, Probes } from '../../../lambda/diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../../lambda/diagnose/step-result.ts';
import type { KnownHoldings } from '../../../lambda/domain/subnets/known-holdings.ts';
import { ScrapeError } from '../../../lambda/errors.ts';
import { createAuthority } from '../../../local/certificates.ts';
import { deadlineIn } from '../../support/deadline.ts';
import { PATH, SERVICES } from '../../support/diagnosis-steps.ts';

const PODS: readonly Pod[] = ['a', 'b', 'c'].map((name) => ({ name, node: `node-${name}` }));
const NOBODY: KnownHoldings = {
  rows: [],
  left: [{ subnet: 'subnet-a', why: 'shared' }],
  at: 0,
  unattached: new Map(),
  reservations: [],
  reservationsAt: 0,
};
const METRICS = Buffer.from('awscni_assigned_ip_addresses 3\nawscni_total_ip_addresses 10\n');

interface Script {
  env?: Record<string, string>;
  outside?: Partial<Probes>;
  inside?: Partial<ClusterProbes>;
  credentials?: Diagnosable['credentials'];
  timeoutMs?: number;
}

/** A healthy path of three pods, but for what the script breaks. */
function scripted({ env = {}, outside = {}, inside = {}, credentials, timeoutMs = 60_000 }: Script = {}) {
  let closed = 0;
  const cluster: ClusterProbes = {
    listPods: async () => PODS,
    readMetrics: async () => parseMetrics(METRICS),
    clock: async () => ok('in step', 0),
    authenticate: async () => ok('is known', { name: 'role', groups: [] }),
    authorize: async () => ok('may', { listPods: true, readPods: true }),
    podsNotRunning: async () => [],
    close: () => {
      closed += 1;
    },
    ...inside,
  };
  const fine = async (): Promise<StepResult> => ok('fine');
  const subject: Diagnosable = {
    config: () => parseConfig({ CLUSTER_NAME: 'prod', ...env }),
    credentials: credentials ?? (async () => ok('are there', { role: 'arn', known: 'arn' })),
    probes: () => ({
      describeCluster: async () => ok('is ACTIVE', { endpoint: { url: new URL('https://api'), ca: '' } }),
      resolve: async () => ok('10.0.0.1', { isPublic: false }),
      connect: fine,
      handshake: fine,
      cluster: () => cluster,
      publishing: fine,
      state: fine,
      ec2: async () => ok('fine', []),
      holdings: { read: async () => ({ found: NOBODY }) },
      ...outside,
    }),
    clock: SYSTEM_CLOCK,
  };
  return {
    closed: () => closed,
    run: (verbose = false) => diagnose(subject, { deadline: deadlineIn(timeoutMs), verbose }),
  };
}

const NAMES = [...PATH, ...SERVICES];

test('a healthy path is healthy in every step, and its connections are closed', async () => {
  const { run, closed } = scripted();
  const { healthy, steps, ...rest } = await run();
  expect(healthy).toBe(true);
  expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual(NAMES.map((name) => `${name} ok`));
  expect(steps.find(({ name }) => name === 'scrape-all')?.seen).toBe('3 of 3 pods read');
  expect(rest).toEqual({
    addresses: {
      time: '1970-01-01T00:00:00.000Z',
      ageMinutes: expect.any(Number),
      subnets: [],
      unknown: NOBODY.left,
    },
  });
  expect(closed()).toBe(1);
});

test('without aws-node pods the steps to them are skipped, and the rest is healthy', async () => {
  const { run } = scripted({ env: { PODS: 'none', SUBNET_METRICS: 'true' } });
  const { healthy, steps } = await run();
  expect(healthy).toBe(true);
  const skipped = steps.filter(({ status }) => status === 'skipped').map(({ name }) => name);
  expect(skipped).toEqual(PATH.slice(PATH.indexOf('dns')));
  expect(steps.filter(({ status }) => status === 'ok')).toHaveLength(NAMES.length - skipped.length);
});

test('verbose adds a line a pod', async () => {
  const readMetrics: ClusterProbes['readMetrics'] = async ({ name }) => {
    if (name === 'b') throw new ScrapeError('port-refused', 'connection refused');
    return parseMetrics(METRICS);
  };
  const { podLines } = await scripted({ inside: { readMetrics } }).run(true);
  expect(podLines).toEqual([
    'a on node-a: read, 3 of 10 addresses assigned',
    'b on node-b: port-refused: connection refused',
    'c on node-c: read, 3 of 10 addresses assigned',
  ]);
});

describe('steps that need a broken link are skipped, and no others', () => {
  const broken = async () => failed('diagnosis-fault', 'broken');
  const refused = async () => ({ warning: 'EC2 refused it' });
  const toPods = NAMES.slice(3, 12);
  test.each<{ link: string; script: Script; skipped: string[] }>([
    { link: 'configuration', script: { env: { SUBNET_IDS: 'x' } }, skipped: NAMES.slice(2) },
    { link: 'credentials', script: { credentials: broken }, skipped: NAMES.slice(2) },
    { link: 'describe-cluster', script: { outside: { describeCluster: broken } }, skipped: toPods },
    { link: 'dns', script: { outside: { resolve: broken } }, skipped: toPods.slice(1) },
    { link: 'tcp', script: { outside: { connect: broken } }, skipped: toPods.slice(2) },
    { link: 'tls', script: { outside: { handshake: broken } }, skipped: toPods.slice(3) },
    { link: 'authentication', script: { inside: { authenticate: broken } }, skipped: toPods.slice(5) },
    { link: 'pods', script: { inside: { listPods: async () => [] } }, skipped: toPods.slice(7) },
    { link: 'cloudwatch', script: { outside: { publishing: broken } }, skipped: [] },
    { link: 'state', script: { outside: { state: broken } }, skipped: [] },
    { link: 'ec2', script: { outside: { ec2: broken } }, skipped: ['addresses'] },
    { link: 'addresses', script: { outside: { holdings: { read: refused } } }, skipped: [] },
  ])('$link', async ({ link, script, skipped }) => {
    const { healthy, steps } = await scripted(script).run();
    expect(healthy).toBe(false);
    expect(steps.map(({ name }) => name)).toEqual(NAMES);
    const named = (status: string) => steps.filter((step) => step.status === status).map(({ name }) => name);
    expect(named('failed')).toEqual([link]);
    expect(named('skipped')).toEqual(skipped);
    for (const { name, seen } of steps)
      if (skipped.includes(name)) expect(seen).toBe(`not tried: needs ${link}`);
  });
});

test('credentials are not needed to find the API server that the configuration names', async () => {
  const { certificate } = await createAuthority('cluster');
  const { run } = scripted({
    env: {
      CLUSTER_ENDPOINT: 'https://10.0.0.1',
      CLUSTER_CA: Buffer.from(certificate).toString('base64'),
    },
    credentials: async () => failed('credentials-missing', 'none'),
  });
  const { steps } = await run();
  expect(steps.filter(({ status }) => status === 'ok').map(({ name }) => name)).toEqual([
    'configuration',
    'dns',
    'tcp',
    'tls',
  ]);
});

test('who holds the addresses is told by the pods, where they are known', async () => {
  const looks: (readonly string[])[] = [];
  const outside: Partial<Probes> = {
    holdings: {
      read: async ({ podAddresses }) => {
        looks.push(podAddresses);
        return { found: NOBODY };
      },
    },
  };
  const listPods = async () => PODS.map((pod, index) => ({ ...pod, address: `10.0.0.${index}` }));
  const seen = async (script: Script) =>
    (await scripted(script).run()).steps.find(({ name }) => name === 'addresses')?.seen;
  expect(await seen({ outside, inside: { listPods } })).toBe(
    '0 subnets: nodes hold 0 addresses, others 0; 0 are leaked, 0 are free; of 1 more subnets it is not known',
  );
  expect(await seen({ outside, inside: { listPods: async () => [] } })).toMatch(
    /; no pod is known, so tags alone tell the nodes$/,
  );
  expect(looks).toEqual([['10.0.0.0', '10.0.0.1', '10.0.0.2'], []]);
});

test('without SUBNET_METRICS the step about addresses is not needed', async () => {
  const { healthy, steps } = await scripted({ outside: { holdings: undefined } }).run();
  expect(healthy).toBe(true);
  expect(steps.at(-1)).toMatchObject({ name: 'addresses', status: 'skipped', seen: 'SUBNET_METRICS is off' });
});

describe('one right that is missing costs the step that needs it', () => {
  const without = (right: 'listPods' | 'readPods') => ({
    inside: {
      authorize: async () => ({
        ...failed('rbac-missing', 'denied'),
        value: { listPods: true, readPods: true, [right]: false },
      }),
    },
  });
  test('pods/proxy: the pods are still counted', async () => {
    const { steps } = await scripted(without('readPods')).run();
    expect(steps.filter(({ status }) => status === 'skipped')).toEqual([
      { name: 'scrape-one', status: 'skipped', ms: 0, seen: 'not tried: needs authorization' },
      { name: 'scrape-all', status: 'skipped', ms: 0, seen: 'not tried: needs authorization' },
    ]);
  });
  test('list pods: there is nothing to read either', async () => {
    const { steps } = await scripted(without('listPods')).run();
    expect(steps.filter(({ status }) => status === 'skipped').map(({ name }) => name)).toEqual([
      'pods',
      'scrape-one',
      'scrape-all',
    ]);
  });
});

test('pods that are not running are named beside those that are, and fail no step', async () => {
  const { steps } = await scripted({
    inside: { podsNotRunning: async () => [{ name: 'd', phase: 'Pending' }] },
  }).run();
  expect(steps.find(({ name }) => name === 'pods')).toMatchObject({
    status: 'ok',
    seen: '3 aws-node pods are running; 1 more are not running (d Pending)',
  });
});

test('where there was no time for all pods, the cause is that of those that were tried', async () => {
  const { steps } = await scripted({
    env: { SCRAPE_CONCURRENCY: '1' },
    timeoutMs: 1_100,
    inside: {
      readMetrics: (_, { remainingMs }) =>
        new Promise((_resolve, reject) => {
          const late = new ScrapeError('scrape-timeout', 'no complete answer in time');
          // A timer may fire a fraction of a millisecond early, and then the next pod would have its turn.
          AbortSignal.timeout(Math.ceil(remainingMs) + 20).onabort = () => reject(late);
        }),
    },
  }).run();
  expect(steps.slice(10, 12)).toMatchObject([
    { name: 'scrape-one', cause: expect.stringMatching(/^scrape-timeout: /) },
    {
      name: 'scrape-all',
      seen: expect.stringContaining('deadline-reached on 2 pods (b on node-b, c on node-c)'),
      cause: expect.stringMatching(/^scrape-timeout: /),
    },
  ]);
});

test('a silent pod does not take the time to read the addresses', async () => {
  let leftMs = 0;
  const holdings: Probes['holdings'] = {
    async read(_, __, { remainingMs }) {
      leftMs = remainingMs;
      return { found: NOBODY };
    },
  };
  const readMetrics: ClusterProbes['readMetrics'] = (_, { remainingMs }) =>
    new Promise((_resolve, reject) => {
      const silent = new ScrapeError('scrape-timeout', 'no complete answer in time');
      AbortSignal.timeout(Math.ceil(remainingMs)).onabort = () => reject(silent);
    });
  const { run } = scripted({
    timeoutMs: 2_500,
    env: { SCRAPE_TIMEOUT_MS: '100' },
    outside: { holdings },
    inside: { readMetrics },
  });
  const { steps } = await run();
  expect(steps.find(({ name }) => name === 'scrape-all')).toMatchObject({ status: 'failed' });
  // Nearly half of all the time; what a silent pod leaves is a second.
  expect(leftMs).toBeGreaterThan(700);
});

describe('a silent pod is asked once more, for as long as the API server dials', () => {
  const silent = new ScrapeError('scrape-timeout', 'no complete answer in time');
  const blocked = new ScrapeError('port-unreachable', 'dial tcp 10.0.0.1:61678: i/o timeout');

  test.each<[string, () => ReturnType<ClusterProbes['readMetrics']>, string, string]>([
    [
      'and then the port is known to be blocked',
      () => Promise.reject(blocked),
      'port-unreachable',
      '2 of 3 pods read; b after 0.0 s: dial tcp 10.0.0.1:61678: i/o timeout; scrape-timeout on 1 pod (b on node-b)',
    ],
    [
      'or to be open, where it answers late',
      async () => parseMetrics(METRICS),
      'scrape-timeout',
      '2 of 3 pods read; b answers after 0.0 s, so its port is open; scrape-timeout on 1 pod (b on node-b)',
    ],
    [
      'or nothing more is known, where the time ends before',
      () => Promise.reject(silent),
      'scrape-timeout',
      '2 of 3 pods read; scrape-timeout on 1 pod (b on node-b)',
    ],
  ])('%s', async (_, later, code, seen) => {
    const readMetrics: ClusterProbes['readMetrics'] = async ({ name }, { remainingMs }) => {
      if (name !== 'b') return parseMetrics(METRICS);
      if (remainingMs > 30_000) return later();
      throw silent;
    };
    const { steps } = await scripted({ inside: { readMetrics } }).run();
    expect(steps.find(({ name }) => name === 'scrape-all')).toMatchObject({
      cause: expect.stringMatching(new RegExp(`^${code}: `)),
      seen: expect.stringContaining(seen),
    });
  });
});
