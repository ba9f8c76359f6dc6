import { expect, test } from 'vitest';
import { renderCycle } from '../../../cli/terminal/screen.ts';
import type { Report } from '../../../lambda/collect/report.ts';
import type { Metric } from '../../../lambda/domain/metric.ts';
import { CollectorError } from '../../../lambda/errors.ts';

const count = (name: string, value: number): Metric => ({ name, unit: 'Count', value });
const report = (metrics: readonly Metric[], more: Partial<Report> = {}): Report => ({
  cluster: 'blue',
  clusterId: 'blue',
  time: '2026-11-22T14:01:00.000Z',
  pods: { found: 3, read: 3, failed: 0, ipv6: 0, failures: [] },
  metrics,
  published: { sink: 'cloudwatch', datums: metrics.length, requests: 1 },
  counters: { baselined: 0, restarted: 0 },
  durationsMs: { discover: 1, scrape: 2, publish: 3, total: 6.4 },
  warnings: [],
  fullest: [],
  ...more,
});

const BEFORE = report([
  count('assignIPAddresses', 1_000),
  count('eniAllocated', 5),
  count('nodesWithoutWarmIPs', 1),
  count('failedPods', 0),
]);

test('a cycle: sections, changes, what stands for a distribution, what is zero', () => {
  const now = report([
    count('assignIPAddresses', 1_234),
    count('eniAllocated', 5),
    count('nodesWithoutWarmIPs', 0),
    { name: 'nodeIPUtilization', unit: 'Percent', values: [50, 75, 100], counts: [1, 2, 1] },
    {
      name: 'awsAPILatency',
      unit: 'Milliseconds',
      statistics: { sampleCount: 4, sum: 50, minimum: 1, maximum: 30 },
    },
    count('addReqCount', 7),
    count('delReqErr', 0),
    { ...count('subnetAvailableIPs', 9), dimensions: { SUBNET_ID: 'subnet-1' } },
    count('failedPods', 0),
  ]);
  expect(renderCycle({ report: now, before: BEFORE, cycle: 2, width: 110 })).toBe(
    `Cycle 2  ·  14:01  ·  3 of 3 pods read  ·  6 ms  ·  9 metrics in 1 request

Addresses
  assignIPAddresses               1,234        +234  addresses in use by pods
  eniAllocated                        5           ·  network interfaces attached
  nodesWithoutWarmIPs                 0          −1  nodes without a free address
  nodeIPUtilization                  75 %       new  median node; p99 100, worst 100

Events since the last cycle
  awsAPILatency                    12.5 ms      new  mean of 4 calls, by node and API 1 to 30
  addReqCount                         7         new  requests for an address for a pod
  zero: delReqErr

Subnets
  subnetAvailableIPs                  9         new  subnet-1

Coverage
  zero: failedPods
`,
  );
});

test('who holds the addresses, on a narrow terminal', () => {
  const row = { cidr: '10.0.0.0/16', prefixes: 4_000, clusters: {}, others: {}, leaked: 0 };
  const shown = report([], {
    addresses: {
      time: '2026-11-22T13:56:00.000Z',
      ageMinutes: 5,
      subnets: [
        {
          ...row,
          subnet: 'subnet-0123456789abcdef0',
          nodes: 64_000,
          clusters: { green: 1_024, 'a-cluster-with-a-long-name': 300 },
          others: { lambda: 3, load_balancer: 2 },
          leaked: 50,
          free: 152,
          freePrefixes: 0,
          reservedFreePrefixes: 3,
        },
        {
          ...row,
          subnet: 'subnet-0123456789abcdef1',
          nodes: 0,
          free: 65_531,
          freePrefixes: 4_094,
          reservedFreePrefixes: 0,
        },
      ],
      unknown: [
        { subnet: 'subnet-0123456789abcdef2', why: 'shared' },
        { subnet: 'subnet-0123456789abcdef3', why: 'unseen' },
      ],
    },
  });
  const lines = renderCycle({ report: shown, before: undefined, cycle: 1, width: 60 }).split('\n');
  expect(lines.slice(lines.indexOf('Where the addresses are, 5 min ago') + 1)).toEqual([
    '                            nodes others leaked   free   /28',
    '  subnet-0123456789abcdef0 64,000  1,329     50    152     0',
    '    green 1,024, a-cluster-with-a-long-name 300, lambda 3',
    '    load_balancer 2',
    '    3 /28 reserved for prefixes',
    '  subnet-0123456789abcdef1      0      0      0 65,531 4,094',
    '  subnet-0123456789abcdef2  of another account: not known',
    '  subnet-0123456789abcdef3  holders not visible: not known',
    '',
  ]);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
});

test('warnings and pods that were not read, broken between words on a narrow terminal', () => {
  const failures = [
    {
      code: 'port-unreachable',
      count: 2,
      pods: ['aws-node-a', 'aws-node-b'],
      example: 'status 503: error trying to reach service: dial tcp 10.0.0.4:61678: i/o timeout',
      remedy: 'Allow tcp/61678 from the cluster security group to the node security group.',
    },
  ] as const;
  const partial = report([count('assignIPAddresses', 1)], {
    pods: { found: 3, read: 1, failed: 2, ipv6: 0, failures },
    published: null,
    warnings: [
      { code: 'partial-coverage', message: 'said by the failures' },
      { code: 'state-in-memory', message: 'STATE_BUCKET is not set' },
    ],
    fullest: [
      { node: 'ip-10-0-0-7', pod: 'aws-node-a', assigned: 8, total: 1, percent: null, implausible: true },
      { node: 'ip-10-0-0-8', pod: 'aws-node-b', assigned: 9, total: null, percent: null, implausible: true },
      { node: 'ip-10-0-0-9', pod: 'aws-node-c', assigned: 26, total: 27, percent: 96.3 },
    ],
  });
  expect(renderCycle({ report: partial, before: undefined, cycle: 1, width: 64 })).toBe(
    `Cycle 1  ·  14:01  ·  1 of 3 pods read  ·  6 ms
  nothing published

Addresses
  assignIPAddresses                   1

Fullest nodes
  unknown         8/1  ip-10-0-0-7
  unknown         9/?  ip-10-0-0-8
  █████████░    26/27  ip-10-0-0-9

Worth knowing
  ✗ port-unreachable on 2 pods: status 503: error trying to
    reach service: dial tcp 10.0.0.4:61678: i/o timeout
    Allow tcp/61678 from the cluster security group to the node
    security group.
  ! state-in-memory: STATE_BUCKET is not set
`,
  );
});

const SUBNET_ID = 'subnet-0a11ce00000000000';
const NODE = 'ip-10-1-0-102.eu-central-1.compute.internal';

test('at 60 columns ids and figures move to a line of their own; meanings are left out', () => {
  const now = report(
    [
      count('assignIPAddresses', 1_234),
      { name: 'nodeIPUtilization', unit: 'Percent', values: [50, 75, 100], counts: [1, 2, 1] },
      { ...count('subnetAvailableIPs', 9), dimensions: { SUBNET_ID } },
    ],
    { fullest: [{ node: NODE, pod: 'aws-node-c', assigned: 26, total: 27, percent: 96.3 }] },
  );
  expect(renderCycle({ report: now, before: BEFORE, cycle: 2, width: 60 })).toBe(
    `Cycle 2  ·  14:01  ·  3 of 3 pods read  ·  6 ms
  3 metrics in 1 request

Addresses
  assignIPAddresses               1,234        +234
  nodeIPUtilization                  75 %       new
    median node; p99 100, worst 100

Subnets
  subnetAvailableIPs                  9         new
    ${SUBNET_ID}

Fullest nodes
  █████████░    26/27
    ${NODE}
`,
  );
});

test('a cycle that failed before it had anything to report', () => {
  const failure = new CollectorError(
    'api-unreachable',
    'the list of pods: connect ECONNREFUSED 10.0.0.1:443',
    {
      remedy: 'Check whether kubectl --context blue version works on this machine.',
    },
  );
  expect(renderCycle({ report: undefined, failure, before: BEFORE, cycle: 3, width: 60 })).toBe(
    `Cycle 3  ·  failed

Why it failed
  ✗ api-unreachable: the list of pods: connect ECONNREFUSED
    10.0.0.1:443
    Check whether kubectl --context blue version works on
    this machine.
`,
  );
});
