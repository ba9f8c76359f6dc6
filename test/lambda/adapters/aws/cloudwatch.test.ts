import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_LIMITS } from '../../../../lambda/adapters/aws/client-limits.ts';
import { cloudWatchSink } from '../../../../lambda/adapters/aws/cloudwatch.ts';
import type { MetricSink } from '../../../../lambda/collect/ports.ts';
import type { Metric } from '../../../../lambda/domain/metric.ts';
import { type CloudWatchEndpoint, startCloudWatch } from '../../../../local/aws/cloudwatch.ts';
import { ACCOUNT, KEY } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

/** What publishes to the CloudWatch at `url`. */
const sinkAt = (url: string) =>
  cloudWatchSink(
    new CloudWatchClient({ region: ACCOUNT.region, credentials: KEY, endpoint: url, ...CLIENT_LIMITS }),
    { namespace: 'Kubernetes', clusterId: 'prod' },
  );

let endpoint: CloudWatchEndpoint;
let sink: MetricSink;

// One for each test: a request that its client gave up on may still arrive when the next test has begun.
beforeEach(async () => {
  endpoint = await startCloudWatch(ACCOUNT, () => NOON);
  sink = sinkAt(endpoint.url);
});
afterEach(() => endpoint.close());

const METRICS: readonly Metric[] = [
  { name: 'assignIPAddresses', unit: 'Count', value: 0 },
  {
    name: 'awsAPILatency',
    unit: 'Milliseconds',
    statistics: { sampleCount: 3, sum: 30, minimum: 5, maximum: 15 },
  },
  { name: 'nodeIPUtilization', unit: 'Percent', values: [0, 100 / 3, 100], counts: [1, 4, 2] },
  { name: 'subnetAvailableIPs', unit: 'Count', value: 7, dimensions: { SUBNET_ID: 'subnet-0a1b2c3d' } },
];

test('sends a cycle as one request with one timestamp', async () => {
  expect(await sink.publish(METRICS, NOON, deadlineIn())).toEqual({ datums: 4, requests: 1 });
  const cluster = { unit: 'Count', time: NOON, dimensions: { CLUSTER_ID: 'prod' } };
  expect(endpoint.puts).toEqual([
    {
      namespace: 'Kubernetes',
      bytes: expect.any(Number),
      datums: [
        {
          ...cluster,
          name: 'nodeIPUtilization',
          unit: 'Percent',
          values: [0, 100 / 3, 100],
          counts: [1, 4, 2],
        },
        {
          ...cluster,
          name: 'subnetAvailableIPs',
          dimensions: { CLUSTER_ID: 'prod', SUBNET_ID: 'subnet-0a1b2c3d' },
          value: 7,
        },
        { ...cluster, name: 'assignIPAddresses', value: 0 },
        {
          ...cluster,
          name: 'awsAPILatency',
          unit: 'Milliseconds',
          statistics: { SampleCount: 3, Sum: 30, Minimum: 5, Maximum: 15 },
        },
      ],
    },
  ]);
});

test('fits the largest cluster: 15,000 nodes, each with a utilization of its own', async () => {
  const distribution: Metric = {
    name: 'nodeIPUtilization',
    unit: 'Percent',
    values: Array.from({ length: 15_000 }, (_, node) => (100 * node) / 15_001),
    counts: Array.from({ length: 15_000 }, () => 1),
  };
  const published = await sink.publish([...METRICS.slice(0, 2), distribution], NOON, deadlineIn());
  expect(published).toEqual({ datums: 102, requests: 1 });
  const values = endpoint.puts.flatMap(({ datums }) => datums.flatMap(({ values = [] }) => values));
  expect(values).toEqual(distribution.values);
});

test('splits what does not fit into one request, with the plain metrics last', async () => {
  const subnets = Array.from(
    { length: 1_200 },
    (_, index): Metric => ({
      name: 'subnetAvailableIPs',
      unit: 'Count',
      value: index,
      dimensions: { SUBNET_ID: `subnet-${index}` },
    }),
  );
  expect(await sink.publish([...METRICS.slice(0, 2), ...subnets], NOON, deadlineIn())).toEqual({
    datums: 1_202,
    requests: 2,
  });
  const names = endpoint.puts.map(({ datums }) => datums.map(({ name }) => name));
  expect(names.map((all) => all.length)).toEqual([202, 1_000]);
  expect(names[1]?.slice(-2)).toEqual(['assignIPAddresses', 'awsAPILatency']);
});

test('tries once more if CloudWatch throttles', async () => {
  endpoint.faults.next.push({ status: 400, code: 'ThrottlingException', message: 'Rate exceeded' });
  expect(await sink.publish(METRICS, NOON, deadlineIn())).toEqual({ datums: 4, requests: 1 });
});

describe('fails, naming the cause,', () => {
  const failureOf = async (deadline = deadlineIn(), to = sink, metrics = METRICS) => {
    const error: unknown = await to.publish(metrics, NOON, deadline).catch((reason: unknown) => reason);
    expect(endpoint.puts).toEqual([]);
    return error;
  };

  test('if the role lacks the permission', async () => {
    endpoint.faults.always = {
      status: 403,
      code: 'AccessDenied',
      message: 'User is not authorized to perform: cloudwatch:PutMetricData',
    };
    expect(await failureOf()).toMatchObject({
      code: 'publish-failed',
      message: expect.stringContaining('AccessDenied: User is not authorized'),
      remedy: 'Allow cloudwatch:PutMetricData with the condition cloudwatch:namespace = Kubernetes.',
    });
  });

  test('if there is no answer in time', async () => {
    endpoint.faults.always = 'hang';
    expect(await failureOf(deadlineIn(100))).toMatchObject({
      code: 'publish-failed',
      remedy: expect.stringContaining('interface endpoint monitoring or NAT'),
    });
  });

  test('if nothing listens', async () => {
    expect(await failureOf(deadlineIn(), sinkAt('http://127.0.0.1:1'))).toMatchObject({
      code: 'publish-failed',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('if CloudWatch rejects the request', async () => {
    const metrics: readonly Metric[] = [
      { name: 'eniAllocated', unit: 'Count', value: Number.POSITIVE_INFINITY },
    ];
    expect(await failureOf(deadlineIn(), sink, metrics)).toMatchObject({ code: 'publish-failed' });
  });
});
