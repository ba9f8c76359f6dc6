import { expect, test } from 'vitest';
import { collect } from '../../../lambda/collect/collect.ts';
import type { Collector } from '../../../lambda/collect/cycle.ts';
import type { Pod } from '../../../lambda/collect/ports.ts';
import type { Report } from '../../../lambda/collect/report.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import { CATALOG } from '../../../lambda/domain/catalog.ts';
import { isSendable } from '../../../lambda/domain/metric.ts';
import { ScrapeError } from '../../../lambda/errors.ts';
import { type Answers, clusterOf, collectorOf, stillClock } from '../../support/collector.ts';

const NOON = Date.parse('2026-11-28T12:00:00Z');
const START = 'process_start_time_seconds 1.7953e+09\n';
const BUILD = 'awscni_build_info{goversion="go1.25.1",version="v1.23.2"} 1\n';

const NO_ANSWER = new ScrapeError('scrape-timeout', 'no answer');

/** A healthy node of CNI 1.23.2. */
const node = (inUse: number, held: number) =>
  `${START}${BUILD}awscni_assigned_ip_addresses ${inUse}\nawscni_total_ip_addresses ${held}\n` +
  'awscni_eni_allocated 2\nawscni_total_ipv4_prefixes 0\n';

const clock = stillClock(NOON);

interface Cluster {
  readonly subnets?: Collector['subnets'];
  readonly list?: (names: readonly string[]) => readonly Pod[];
}

/** One collector; each call is a cycle a minute later, over pods that answer `answers`. */
function cycles({ subnets, list }: Cluster = {}) {
  let time = NOON;
  const collector = collectorOf({
    sink: {
      name: 'notebook',
      publish: async (metrics) => {
        if (!metrics.every(isSendable)) throw new Error('CloudWatch refuses the whole request');
        return { datums: metrics.length, requests: 1 };
      },
    },
    subnets,
    clock,
  });
  return async (answers: Answers): Promise<Report> => {
    const cluster = clusterOf(answers);
    if (list) cluster.listPods = async () => list(Object.keys(answers));
    time += 60_000;
    const cycle = { time, dryRun: false, deadline: Deadline.in(50_000, clock) };
    return (await collect({ ...collector, cluster }, cycle)).report;
  };
}

/** Values by name; for a distribution its values. */
const valuesOf = ({ metrics }: Report) =>
  Object.fromEntries(
    metrics.map((metric) => [
      metric.name,
      'value' in metric ? metric.value : 'values' in metric ? metric.values : metric.statistics,
    ]),
  );

const OTHERS = { a: node(3, 10), b: node(5, 10), c: node(9, 10) };
const OTHERS_VALUES = {
  assignIPAddresses: 17,
  totalIPAddresses: 30,
  eniAllocated: 6,
  warmIPAddresses: 13,
  nodesWithoutWarmIPs: 0,
  nodeIPUtilization: [30, 50, 90],
};

const FORCED_REMOVAL = `awscni_assigned_ip_addresses 8
awscni_eni_allocated 1
awscni_force_removed_enis 1
awscni_force_removed_ips 4
awscni_total_ip_addresses 1
awscni_total_ipv4_prefixes 0
${START}${BUILD}`;

test.each([
  { what: 'less than are in use', said: 'awscni_total_ip_addresses 1', total: 1, why: 'implausible-gauges' },
  { what: 'none', said: 'awscni_total_ip_addresses 0', total: 0, why: 'implausible-gauges' },
  { what: 'less than none', said: 'awscni_total_ip_addresses -14', total: null, why: 'invalid-value' },
  { what: 'next to nothing', said: 'awscni_total_ip_addresses 5e-324', total: null, why: 'invalid-value' },
])(
  'a node that holds $what counts with its addresses in use alone, and is named first',
  async ({ said, total, why }) => {
    const x = FORCED_REMOVAL.replace('awscni_total_ip_addresses 1', said);
    const report = await cycles()({ ...OTHERS, x });
    expect(valuesOf(report)).toMatchObject({ ...OTHERS_VALUES, assignIPAddresses: 25, eniAllocated: 7 });
    expect(report.pods.implausible).toBe(1);
    expect(report.fullest[0]).toEqual({
      node: 'node-x',
      pod: 'x',
      assigned: 8,
      total,
      percent: null,
      implausible: true,
    });
    expect(report.fullest.slice(1).map(({ pod }) => pod)).toEqual(['c', 'b', 'a']);
    expect(report.pods.unknown).toContainEqual(
      expect.objectContaining({
        why,
        metrics: expect.arrayContaining([
          'nodeIPUtilization',
          'nodesWithoutWarmIPs',
          'totalIPAddresses',
          'warmIPAddresses',
        ]),
        count: 1,
        pods: ['x'],
      }),
    );
    expect(report.warnings).toContainEqual({ code: why, message: expect.stringContaining('1 pod (x)') });
  },
);

test('a node may hold more than awscni_ip_max: MAX_ENI was lowered', async () => {
  const report = await cycles()({ ...OTHERS, x: `${node(20, 40)}awscni_ip_max 10\n` });
  expect(valuesOf(report)).toMatchObject({ totalIPAddresses: 70, warmIPAddresses: 33 });
  expect(report.warnings).toEqual([]);
});

const MULTI_NIC = `awscni_assigned_ip_addresses 1
awscni_assigned_ip_per_cidr{cidr="10.0.1.0/28"} 13
awscni_assigned_ip_per_cidr{cidr="10.0.2.4/32"} 1
awscni_assigned_ip_per_eni{eni="eni-0aa0aa0aa0aa0aa0a"} 13
awscni_assigned_ip_per_eni{eni="eni-0bb0bb0bb0bb0bb0b"} 1
awscni_eni_allocated 1
awscni_total_ip_addresses 4
awscni_total_ipv4_prefixes 0
${START}${BUILD}`;

test('of a node with several network cards the sum over its interfaces is in use; the rest is unknown', async () => {
  const report = await cycles()({ ...OTHERS, x: MULTI_NIC });
  expect(valuesOf(report)).toMatchObject({
    ...OTHERS_VALUES,
    assignIPAddresses: 31,
    totalAssignedIPv4sPerCidr: 14,
  });
  expect(report.pods.unknown?.filter(({ why }) => why !== 'family-missing')).toEqual([
    {
      why: 'several-network-cards',
      metrics: [
        'eniAllocated',
        'nodeIPUtilization',
        'nodesWithoutWarmIPs',
        'totalIPAddresses',
        'totalIPv4Prefixes',
        'warmIPAddresses',
      ],
      count: 1,
      pods: ['x'],
    },
  ]);
  expect(report.warnings).toEqual([
    {
      code: 'several-network-cards',
      message: expect.stringMatching(/^eniAllocated, .* without 1 pod \(x\)$/),
    },
  ]);
  expect(report.fullest.map(({ pod }) => pod)).toEqual(['c', 'b', 'a']);
});

test('with one card the gauge without labels is right, even if the series by interface differ', async () => {
  const x = `${node(7, 20)}awscni_assigned_ip_per_eni{eni="eni-1"} 8\nawscni_assigned_ip_per_eni{eni="eni-2"} 0\n`;
  expect(valuesOf(await cycles()({ ...OTHERS, x }))).toMatchObject({ assignIPAddresses: 24 });
});

test('series by CIDR that add up to more than is in use are stale, and left out without a warning', async () => {
  const stale = (cidr: number) => `awscni_assigned_ip_per_cidr{cidr="10.0.0.0/28"} ${cidr}\n`;
  const report = await cycles()({ ...OTHERS, x: node(7, 20) + stale(7), y: node(7, 20) + stale(8) });
  expect(valuesOf(report)).toMatchObject({ totalAssignedIPv4sPerCidr: 7 });
  expect(report.pods.unknown?.filter(({ why }) => why !== 'family-missing')).toEqual([
    { why: 'stale-series', metrics: ['totalAssignedIPv4sPerCidr'], count: 1, pods: ['y'] },
  ]);
  expect(report.warnings).toEqual([]);
});

const BEFORE_1_9 = `awscni_add_ip_req_count 40
awscni_assigned_ip_addresses 21
awscni_aws_api_latency_ms_sum{api="AssignPrivateIpAddresses",error="false"} 900
awscni_aws_api_latency_ms_count{api="AssignPrivateIpAddresses",error="false"} 3
awscni_eni_allocated 3
awscni_eni_max 3
awscni_ip_max 27
awscni_total_ip_addresses 27
${START}`;

test('what a CNI before 1.9 does not have is unknown, not 0, and the report says why', async () => {
  const cycle = cycles();
  await cycle({ a: BEFORE_1_9, b: BEFORE_1_9, c: BEFORE_1_9 });
  const report = await cycle({ a: BEFORE_1_9.replace('40', '42'), b: BEFORE_1_9, c: BEFORE_1_9 });
  const values = valuesOf(report);
  expect(values).toMatchObject({ assignIPAddresses: 63, addReqCount: 2, ipamdErr: 0, podENIErr: 0 });
  const absent = ['totalAssignedIPv4sPerCidr', 'ec2ApiReqCount', 'ec2ApiErrCount', 'totalIPv4Prefixes'];
  for (const name of absent) expect(values).not.toHaveProperty(name);
  expect(report.missing).toContainEqual({
    why: 'family-missing',
    metrics: expect.arrayContaining(absent),
  });
  expect(report.cni).toEqual({ versions: { unknown: 3 } });
  expect(report.pods.unknown).toContainEqual({
    why: 'family-missing',
    metrics: expect.arrayContaining(absent),
    count: 3,
    pods: ['a', 'b', 'c'],
  });
  expect(report.warnings).toEqual([]);
});

test('of nodes with different CNIs, each metric includes those that have its family', async () => {
  const cycle = cycles();
  const young = `${node(3, 10)}awscni_assigned_ip_per_cidr{cidr="10.0.0.0/28"} 3\n`;
  await cycle({ a: BEFORE_1_9, b: young, c: node(4, 10) });
  const called = `${young}awscni_ec2api_req_count{fn="CreateTags"} 5\n`;
  const report = await cycle({ a: BEFORE_1_9, b: called, c: node(4, 10) });
  expect(valuesOf(report)).toMatchObject({
    assignIPAddresses: 28,
    totalAssignedIPv4sPerCidr: 3,
    ec2ApiReqCount: 5,
    ec2ApiErrCount: 0,
  });
  expect(report.cni).toEqual({ versions: { 'v1.23.2': 2, unknown: 1 }, oldest: 'v1.23.2' });
});

test('a pod that names its version `unknown` counts with those that expose none', async () => {
  const build = 'awscni_build_info{version="unknown"} 1\n';
  const report = await cycles()({ a: BEFORE_1_9, b: `${BEFORE_1_9}${build}`, c: BEFORE_1_9 });
  expect(report.cni).toEqual({ versions: { unknown: 3 } });
});

test('requests and errors of SageMaker are published where a node exposes them, and nowhere else', async () => {
  const cycle = cycles();
  const first = await cycle(OTHERS);
  expect(first.missing).toContainEqual({
    why: 'no-earlier-reading',
    metrics: expect.arrayContaining(['sagemakerApiReqCount']),
  });
  const without = await cycle(OTHERS);
  expect(without.missing).toContainEqual({
    why: 'not-exposed',
    metrics: ['sagemakerApiReqCount', 'sagemakerApiErrCount'],
  });
  const hyperpod = `${OTHERS.a}awscni_sagemakerapi_error_count{fn="AttachClusterNodeNetworkInterface"} 4
awscni_sagemakerapi_req_count{fn="AttachClusterNodeNetworkInterface"} 7\n`;
  expect(valuesOf(await cycle({ ...OTHERS, a: hyperpod }))).toMatchObject({
    sagemakerApiReqCount: 7,
    sagemakerApiErrCount: 4,
    ec2ApiReqCount: 0,
    awsAPIErr: 0,
  });
});

test('the report lists CNI versions, and the pods whose ipamd has trouble', async () => {
  const startup = (seconds: number, reason = '') =>
    `awscni_ipamd_startup_duration_seconds_sum{failure_reason="${reason}",success="${reason === ''}",with_api_server="true"} ${seconds}\n` +
    `awscni_ipamd_startup_duration_seconds_count{failure_reason="${reason}",success="${reason === ''}",with_api_server="true"} 1\n`;
  const report = await cycles()({
    a: node(3, 10).replace('v1.23.2', 'v1.9.3') + startup(3.5),
    b: `${node(5, 10).replace('v1.23.2', 'v1.19.0')}awscni_ipamd_node_initialization_duration_seconds_sum{success="true"} 2.25\n`,
    c: node(9, 10) + startup(1.5),
    d: `${node(1, 10)}awscni_connmark_reconcile_total{result="error"} 2\nawscni_connmark_reconcile_total{result="success"} 90\n`,
    e: `${node(1, 10)}awscni_connmark_reconcile_total{result="error"} 1\n${startup(40, 'node_initialization')}`,
  });
  expect(report.cni).toEqual({
    versions: { 'v1.9.3': 1, 'v1.19.0': 1, 'v1.23.2': 3 },
    oldest: 'v1.9.3',
    connmarkErrors: { errors: 3, count: 2, pods: ['d', 'e'] },
    startupFailures: [{ reason: 'node_initialization', count: 1, pods: ['e'] }],
    slowestStartup: { pod: 'e', seconds: 40 },
    slowestNodeInitialization: { pod: 'b', seconds: 2.25 },
  });
  expect(report.warnings).toEqual([
    {
      code: 'connmark-errors',
      message: '3 reconciliations of connection marks failed on 2 pods (d, e) since ipamd started',
    },
    { code: 'ipamd-startup-failed', message: 'node_initialization on 1 pod (e)' },
  ]);
});

test('of made-up versions and reasons the report names 20, the most frequent, and counts the rest together', async () => {
  const reason = (text: string) =>
    `awscni_ipamd_startup_duration_seconds_count{failure_reason="${text}"} 1\n`;
  const madeUp = (index: number) =>
    `${node(3, 10).replace('v1.23.2', `v0.0.${index}`)}${reason(`a${index}`)}${reason(`b${index}`)}`;
  const ids = Array.from({ length: 30 }, (_, index) => [`p${10 + index}`, madeUp(10 + index)] as const);
  const good = node(3, 10) + reason('node_initialization');
  const { cni, warnings } = await cycles()({ ...Object.fromEntries(ids), y: good, z: good });
  const { versions = {}, startupFailures = [] } = cni ?? {};
  expect(Object.keys(versions)).toHaveLength(21);
  expect(versions).toMatchObject({ 'v1.23.2': 2, 'v0.0.10': 1, 'v0.0.28': 1, 'all others': 11 });
  expect(startupFailures).toHaveLength(21);
  expect(startupFailures.at(-1)).toEqual({
    reason: 'all others',
    count: 41,
    pods: ['p10', 'p11', 'p12', 'p13', 'p14'],
  });
  expect(startupFailures).toContainEqual({ reason: 'node_initialization', count: 2, pods: ['y', 'z'] });
  expect(warnings).toHaveLength(21);
});

test('reads of instance metadata and waiting for interfaces are no calls to an AWS API', async () => {
  const calls = (api: string, count: number, ms: number) =>
    `awscni_aws_api_latency_ms_sum{api="${api}",error="false",status="200"} ${ms}\n` +
    `awscni_aws_api_latency_ms_count{api="${api}",error="false",status="200"} ${count}\n`;
  const at = (times: number) =>
    node(3, 10) +
    calls('CreateTags', 4 * times, 800 * times) +
    calls('GetMetadata', 295 * times, 300 * times) +
    calls('waitForENIAndIPsAttached', times, 5_000 * times);
  const cycle = cycles();
  await cycle({ ...OTHERS, x: at(1) });
  expect(valuesOf(await cycle({ ...OTHERS, x: at(2) }))).toMatchObject({
    awsAPILatency: { sampleCount: 4, sum: 800, minimum: 200, maximum: 200 },
  });
  const idle = await cycle({ ...OTHERS, x: at(2) });
  expect(idle.missing).toContainEqual({ why: 'no-calls', metrics: ['awsAPILatency'] });
});

test('of pods with one node or one address the youngest counts, and the others are named', async () => {
  const list = (names: readonly string[]) =>
    names.map((name) => {
      const [, onNode = name] = /^fake-\d+-of-(.)$/.exec(name) ?? [];
      // c is gone; d received its address.
      const address = name === 'c' ? '10.0.0.4' : `10.0.0.${'xabcd'.indexOf(onNode)}`;
      return {
        name,
        node: `node-${onNode}`,
        address,
        ageSeconds: name.startsWith('fake') ? 500 : name === 'd' ? 5 : 60,
      };
    });
  const fakes = Object.fromEntries(
    Array.from({ length: 110 }, (_, index) => [`fake-${index}-of-a`, node(1, 100)]),
  );
  const answers = { ...fakes, ...OTHERS, d: node(9, 10), e: NO_ANSWER };
  for (const order of [answers, Object.fromEntries(Object.entries(answers).reverse())]) {
    const report = await cycles({ list })(order);
    expect(report.pods).toMatchObject({
      found: 4,
      read: 3,
      failed: 1,
      ignored: { count: 111, pods: ['c', 'fake-0-of-a', 'fake-1-of-a', 'fake-10-of-a', 'fake-100-of-a'] },
    });
    expect(valuesOf(report)).toMatchObject({ awsNodePods: 4, assignIPAddresses: 17, totalIPAddresses: 30 });
    expect(report.warnings).toContainEqual({
      code: 'pods-share-node',
      message: expect.stringContaining('111 pods (c, '),
    });
  }
});

test('a node that received the address of one that is gone counts once, and so does each of its events', async () => {
  const list = (names: readonly string[]) =>
    names.map((name) => ({
      name,
      node: `node-${name}`,
      address: '10.0.0.1',
      ageSeconds: name === 'gone' ? 86_400 : 60,
    }));
  const at = (start: string, requests: number) =>
    `${node(3, 10).replace('1.7953e+09', start)}awscni_add_ip_req_count ${requests}\n`;
  const cycle = cycles({ list });
  await cycle({ gone: at('1.79e+09', 500) });
  const counted = { awsNodePods: 1, scrapedPods: 1, assignIPAddresses: 3, ipamdRestarts: 0 };
  const later = [
    // The second reading of the same process comes a moment later.
    { answers: { gone: at('1.795e+09', 8), young: at('1.795e+09', 7) }, addReqCount: 7 },
    { answers: { gone: at('1.795e+09', 9), young: at('1.795e+09', 9) }, addReqCount: 2 },
    { answers: { gone: NO_ANSWER, young: at('1.795e+09', 12) }, addReqCount: 3 },
  ];
  for (const { answers, addReqCount } of later) {
    const report = await cycle(answers);
    expect(valuesOf(report)).toMatchObject({ ...counted, addReqCount });
    expect(report.pods.ignored).toEqual({ count: 1, pods: ['gone'] });
  }
  // What it is known by is enough where the new node itself gives no answer.
  const { pods } = await cycle({ gone: at('1.795e+09', 12), young: NO_ANSWER });
  expect(pods).toMatchObject({ found: 1, read: 0, ignored: { pods: ['gone'] } });
});

test('a value that CloudWatch does not accept costs its own metric, and is reported', async () => {
  const subnet = { vpcId: 'vpc-1', tags: new Map() };
  const report = await cycles({
    subnets: async () => ({
      subnets: [
        { ...subnet, id: 'subnet-1', prefix: 24, available: 9 },
        { ...subnet, id: 'subnet-2', prefix: 24, available: Number.NaN },
      ],
    }),
  })(OTHERS);
  expect(valuesOf(report)).toMatchObject({ ...OTHERS_VALUES, subnetAvailableIPs: 9 });
  expect(report.published).not.toBeNull();
  expect(report.warnings).toContainEqual({
    code: 'datum-left-out',
    message:
      '{"name":"subnetAvailableIPs","unit":"Count","dimensions":{"SUBNET_ID":"subnet-2"},"value":"NaN"}',
  });
  expect(report.missing).toContainEqual({
    why: 'datum-left-out',
    metrics: ['subnetAvailableIPsMin', 'subnetAvailablePercentMin'],
  });
});

test('every metric of the catalog is published or named as missing with a reason', async () => {
  const names = CATALOG.map(({ name }) => `${name}`).sort();
  const explained = ({ metrics, missing = [] }: Report) =>
    [...new Set([...metrics.map(({ name }) => name), ...missing.flatMap((row) => row.metrics)])].sort();
  const cycle = cycles();
  const reports = [
    await cycle(OTHERS),
    await cycle(OTHERS),
    await cycle({ ...OTHERS, x: MULTI_NIC, y: FORCED_REMOVAL }),
    await cycle({ x: MULTI_NIC }),
    await cycle({ x: BEFORE_1_9 }),
    await cycle({ x: node(0, 0) }),
    await cycle({ x: NO_ANSWER }),
    await cycle({}),
    await cycles({ subnets: async () => ({ subnets: [], warning: 'EC2 is away' }) })(OTHERS),
    await cycles({ subnets: async () => ({ subnets: [] }) })(OTHERS),
  ];
  for (const report of reports) expect(explained(report)).toEqual(names);
  const whyNot = (name: string) =>
    reports.map(
      ({ missing = [] }) => missing.find(({ metrics }) => metrics.some((other) => other === name))?.why,
    );
  expect(whyNot('nodeIPUtilization')).toEqual([
    ...Array(3).fill(undefined),
    'several-network-cards',
    undefined,
    'no-addresses-held',
    'no-pods-read',
    'no-pods',
    undefined,
    undefined,
  ]);
  expect(whyNot('subnetAvailableIPsMin')).toEqual([
    ...Array(8).fill('subnets-off'),
    'subnets-unavailable',
    'no-ipv4-subnets',
  ]);
});
