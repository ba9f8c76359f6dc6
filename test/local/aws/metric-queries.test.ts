import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CloudWatchEndpoint, startCloudWatch } from '../../../local/aws/cloudwatch.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const at = (minute: number) => new Date(NOON + minute * 60_000);

let endpoint: CloudWatchEndpoint;
let client: CloudWatchClient;

const dimensions = (subnet?: string) => [
  { Name: 'CLUSTER_ID', Value: 'prod' },
  ...(subnet === undefined ? [] : [{ Name: 'SUBNET_ID', Value: subnet }]),
];

beforeAll(async () => {
  endpoint = await startCloudWatch(ACCOUNT, () => NOON + 3_600_000);
  client = new CloudWatchClient({ region: 'eu-central-1', endpoint: endpoint.url, credentials: KEY });
  const MetricData = [
    ...[10, 30, 20].map((Value, minute) => ({ MetricName: 'used', Value, Timestamp: at(minute) })),
    { MetricName: 'held', Value: 40, Timestamp: at(0) },
    { MetricName: 'held', Value: 40, Timestamp: at(2) },
    { MetricName: 'zero', Value: 0, Timestamp: at(0) },
    { MetricName: 'share', Values: [1, 2, 50, 100], Counts: [49, 1, 49, 1], Timestamp: at(0) },
    {
      MetricName: 'latency',
      StatisticValues: { SampleCount: 4, Sum: 100, Minimum: 5, Maximum: 60 },
      Timestamp: at(0),
    },
  ].map((datum) => ({ ...datum, Dimensions: dimensions() }));
  const free = ['subnet-a', 'subnet-b'].map((subnet, index) => ({
    MetricName: 'free',
    Value: 100 + index,
    Timestamp: at(1),
    Dimensions: dimensions(subnet),
  }));
  await client.send(
    new PutMetricDataCommand({ Namespace: 'Kubernetes', MetricData: [...MetricData, ...free] }),
  );
});

afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

const metric = (Id: string, MetricName: string, Stat: string, Period = 60): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Kubernetes', MetricName, Dimensions: dimensions() }, Stat, Period },
});

/** Minutes after noon and values, oldest first. */
async function ask(...MetricDataQueries: MetricDataQuery[]) {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: at(0),
      EndTime: at(5),
      ScanBy: 'TimestampAscending',
    }),
  );
  return MetricDataResults.map(({ Label, Timestamps = [], Values = [] }) => ({
    label: Label,
    points: Timestamps.map((time, index) => [(time.getTime() - NOON) / 60_000, Values[index]]),
  }));
}

const valuesOf = async (...queries: MetricDataQuery[]) => (await ask(...queries)).map(({ points }) => points);

// Each row names the sentence of AWS's documentation that the value follows from.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
describe('statistics over a period', () => {
  test.each([
    ['SampleCount', 3, '"SampleCount is the number of data points during the period."'],
    ['Sum', 60, '"Sum is the sum of the values of the all data points collected during the period."'],
    ['Average', 20, '"Average is the value of Sum/SampleCount during the specified period."'],
    ['Minimum', 10, '"Minimum is the lowest value observed during the specified period."'],
    ['Maximum', 30, '"Maximum is the highest value observed during the specified period."'],
  ])('%s', async (statistic, value) => {
    expect(await valuesOf(metric('m', 'used', statistic, 300))).toEqual([[[0, value]]]);
  });

  test.each([
    [
      'p50',
      2,
      '"p95 is the 95th percentile and means that 95 percent of the data within the period is lower"',
    ],
    ['p99', 50, 'the same'],
    ['p100', 100, 'the same'],
  ])('%s of values with counts', async (statistic, value) => {
    expect(await valuesOf(metric('m', 'share', statistic))).toEqual([[[0, value]]]);
  });

  test('a statistic set has no percentiles', async () => {
    expect(await valuesOf(metric('m', 'latency', 'Average'), metric('n', 'latency', 'p50'))).toEqual([
      [[0, 25]],
      [],
    ]);
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
describe('metric math', () => {
  const hidden = (...args: Parameters<typeof metric>) => ({ ...metric(...args), ReturnData: false });
  const math = (Expression: string): MetricDataQuery => ({ Id: 'e', Expression });

  test('a metric that has no value at a timestamp counts as 0 beside one that has', async () => {
    const queries = [hidden('held', 'held', 'Average'), hidden('used', 'used', 'Average')];
    expect(await valuesOf(...queries, math('held - used'))).toEqual([
      [
        [0, 30],
        [1, -30],
        [2, 20],
      ],
    ]);
  });

  test('a division by 0 has no value', async () => {
    const queries = [hidden('used', 'used', 'Average'), hidden('zero', 'zero', 'Average')];
    expect(await valuesOf(...queries, math('used / zero'))).toEqual([[]]);
  });

  test('FILL "fills the missing values of a time series"', async () => {
    const points = await valuesOf(hidden('held', 'held', 'SampleCount'), math('FILL(held, 0)'));
    expect(points).toEqual([
      [
        [0, 1],
        [1, 0],
        [2, 1],
        [3, 0],
        [4, 0],
      ],
    ]);
  });

  test('PERIOD "returns the period of the metric in seconds"', async () => {
    const points = await valuesOf(hidden('used', 'used', 'Sum', 300), math('60 * used / PERIOD(used)'));
    expect(points).toEqual([[[0, 12]]]);
  });
});

test('a search finds the metrics of exactly its dimensions, each with its label', async () => {
  const Expression = `SEARCH('{"Kubernetes","CLUSTER_ID","SUBNET_ID"} MetricName="free" CLUSTER_ID="prod"', 'Minimum', 300)`;
  expect(await ask({ Id: 's', Expression, Label: `\${PROP('Dim.SUBNET_ID')}` })).toEqual([
    { label: 'subnet-a', points: [[0, 100]] },
    { label: 'subnet-b', points: [[0, 101]] },
  ]);
});

test('"the default is TimestampDescending": the newest datapoint first', async () => {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [metric('m', 'used', 'Sum')],
      StartTime: at(0),
      EndTime: at(5),
    }),
  );
  expect(MetricDataResults[0]?.Values).toEqual([20, 30, 10]);
});

test.each<[string, MetricDataQuery[], RegExp]>([
  [
    'an id that starts with a capital',
    [metric('M', 'used', 'Sum')],
    /^The value M for parameter MetricDataQueries\.member\.1\.Id is not matching/,
  ],
  ['one id twice', [metric('m', 'used', 'Sum'), metric('m', 'held', 'Sum')], /not unique/],
  ['neither metric nor expression', [{ Id: 'm' }], /^Exactly one of/],
  [
    'an unknown identifier',
    [{ Id: 'e', Expression: 'nothing + 1' }],
    /^Error in expression 'e': Unknown identifier nothing/,
  ],
  ['an expression that refers to itself', [{ Id: 'e', Expression: 'e + 1' }], /^Error in expression 'e'/],
  [
    'a function that is not simulated',
    [{ Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' }],
    /^Error in expression 'e'/,
  ],
  [
    'a search in another form',
    [{ Id: 'e', Expression: "SEARCH('free', 'Sum', 60)" }],
    /This search is not supported/,
  ],
  [
    'a period of no time',
    [{ Id: 'e', Expression: '1 + 1', Period: 0 }],
    /^The period of MetricDataQueries\.member\.1 must be a multiple of 60/,
  ],
  [
    'a search of no time',
    [{ Id: 'e', Expression: `SEARCH('{"Kubernetes","CLUSTER_ID"} MetricName="free"', 'Sum', 0)` }],
    /This search is not supported/,
  ],
  ['an unknown statistic', [metric('m', 'used', 'TM(10%:90%)')], /does not know the statistic/],
])('refuses %s', async (_, queries, message) => {
  await expect(ask(...queries)).rejects.toMatchObject({
    message: expect.stringMatching(message),
  });
});

test('refuses a range of more data points than one page has', async () => {
  const range = { StartTime: new Date(0), EndTime: at(5), MetricDataQueries: [metric('m', 'used', 'Sum')] };
  await expect(client.send(new GetMetricDataCommand(range))).rejects.toMatchObject({
    message: expect.stringMatching(/More than 100800 data points/),
  });
});

test('lists the metrics that were published, with their dimensions', async () => {
  const { Metrics = [] } = await client.send(
    new ListMetricsCommand({
      Namespace: 'Kubernetes',
      MetricName: 'free',
      Dimensions: [{ Name: 'SUBNET_ID' }],
    }),
  );
  expect(Metrics).toEqual(
    ['subnet-a', 'subnet-b'].map((subnet) => ({
      Namespace: 'Kubernetes',
      MetricName: 'free',
      Dimensions: dimensions(subnet),
    })),
  );
});
