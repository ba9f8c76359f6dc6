import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CloudWatchEndpoint, startCloudWatch } from '../../../local/aws/cloudwatch.ts';
import { REGION } from '../../../local/simulation/fleet.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';
import { describeEmulated } from '../suite.ts';

const MINUTE_MS = 60_000;
const MINUTES = 120;
/** A whole hour, so that periods of any length begin with it. */
const START = Math.floor(Date.now() / (60 * MINUTE_MS)) * 60 * MINUTE_MS - 3 * 60 * MINUTE_MS;
const at = (minute: number) => new Date(START + minute * MINUTE_MS);

const Namespace = 'Kubernetes';
const dimensions = (cluster: string) => [{ Name: 'CLUSTER_ID', Value: cluster }];

/** Every seventh minute is missing, and every fifth has two values. */
const DATA = Array.from({ length: MINUTES }, (_, minute) => minute)
  .filter((minute) => minute % 7 !== 3)
  .flatMap((minute) => (minute % 5 === 0 ? [minute, minute] : [minute]))
  .map((minute, index) => ({
    MetricName: 'used',
    Value: (index * 37) % 101,
    Timestamp: at(minute),
    Dimensions: dimensions('a'),
  }));

/** Another cluster, and another metric of this one, which no query of the first may find. */
const OTHERS = [
  { MetricName: 'used', Value: 1e6, Timestamp: at(1), Dimensions: dimensions('b') },
  { MetricName: 'held', Value: 200, Timestamp: at(2), Dimensions: dimensions('a') },
];

const query = (Stat: string, minutes: number): MetricDataQuery => ({
  Id: 'm',
  MetricStat: {
    Metric: { Namespace, MetricName: 'used', Dimensions: dimensions('a') },
    Stat,
    Period: minutes * 60,
  },
});

describeEmulated('GetMetricData beside that of moto', (moto) => {
  let own: CloudWatchEndpoint;
  let clients: readonly CloudWatchClient[];

  beforeAll(async () => {
    own = await startCloudWatch(ACCOUNT, () => Date.now());
    clients = [
      new CloudWatchClient({ region: REGION, endpoint: own.url, credentials: KEY }),
      new CloudWatchClient(moto().clientOf()),
    ];
    for (const client of clients)
      await client.send(new PutMetricDataCommand({ Namespace, MetricData: [...DATA, ...OTHERS] }));
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await own.close();
  });

  test.each(
    ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].flatMap((Stat) =>
      [1, 5, 60].map((minutes) => ({ Stat, minutes })),
    ),
  )('$Stat over $minutes min', async ({ Stat, minutes }) => {
    const [ours, theirs] = await Promise.all(
      clients.map(async (client) => {
        const { MetricDataResults: [result] = [] } = await client.send(
          new GetMetricDataCommand({
            MetricDataQueries: [query(Stat, minutes)],
            StartTime: at(0),
            EndTime: at(MINUTES),
            ScanBy: 'TimestampAscending',
          }),
        );
        return result?.Timestamps?.map((time, index) => [
          (time.getTime() - START) / MINUTE_MS,
          Number(result.Values?.[index]?.toPrecision(12)),
        ]);
      }),
    );
    expect(ours?.length).toBeGreaterThan(1);
    expect(ours).toEqual(theirs);
  });
});
