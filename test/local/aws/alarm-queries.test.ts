import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CloudWatchEndpoint, startCloudWatch } from '../../../local/aws/cloudwatch.ts';
import { AlarmStates } from '../../../local/cloudwatch/alarm-states.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const at = (minute: number) => new Date(NOON + minute * 60_000);
const SERIES = { namespace: 'Kubernetes', name: 'failedPods', dimensions: { CLUSTER_ID: 'prod' } };

let endpoint: CloudWatchEndpoint;
let client: CloudWatchClient;

beforeAll(async () => {
  endpoint = await startCloudWatch(ACCOUNT, () => NOON);
  client = new CloudWatchClient({ region: 'eu-central-1', endpoint: endpoint.url, credentials: KEY });
  const rules = { evaluationPeriods: 2, datapointsToAlarm: 2, treatMissingData: 'notBreaching' } as const;
  const alarm = (id: string, threshold: number) => ({
    id,
    ...rules,
    watched: { series: SERIES, statistic: 'Maximum' },
    periodMinutes: 1,
    comparison: 'GreaterThanThreshold',
    threshold,
  });
  const states = new AlarmStates(
    {
      metricAlarms: [alarm('cni-few', 0), alarm('cni-many', 9)],
      compositeAlarms: [{ id: 'cni-any', rule: 'ALARM("cni-few") OR ALARM("cni-many")' }],
    },
    endpoint.history,
  );
  for (const [minute, failed] of [0, 3, 3, 0].entries()) {
    endpoint.history.putValue(SERIES, NOON / 60_000 + minute, failed);
    states.evaluate(NOON + minute * 60_000);
  }
  endpoint.describe(states);
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

test('DescribeAlarms gives rules and states', async () => {
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'cni-f' }));
  expect(MetricAlarms).toEqual([
    {
      AlarmName: 'cni-few',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      StateValue: 'OK',
      StateUpdatedTimestamp: at(3),
    },
  ]);
});

test.each([
  { input: {}, names: ['cni-few', 'cni-many'] },
  { input: { AlarmNames: ['cni-many'] }, names: ['cni-many'] },
  { input: { StateValue: 'ALARM' as const }, names: [] },
  { input: { AlarmTypes: ['CompositeAlarm' as const], StateValue: 'OK' as const }, names: ['cni-any'] },
])('DescribeAlarms $input selects', async ({ input, names }) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(new DescribeAlarmsCommand(input));
  expect([...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName)).toEqual(names);
});

test('DescribeAlarmHistory gives each change of state, the newest first', async () => {
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({ AlarmName: 'cni-few' }),
  );
  expect(AlarmHistoryItems.map(({ Timestamp, HistorySummary }) => [Timestamp, HistorySummary])).toEqual([
    [at(3), 'Alarm updated from ALARM to OK'],
    [at(2), 'Alarm updated from OK to ALARM'],
    [at(0), 'Alarm updated from INSUFFICIENT_DATA to OK'],
  ]);
});

test('DescribeAlarmHistory of a time, oldest first', async () => {
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: 'cni-few',
      HistoryItemType: 'StateUpdate',
      StartDate: at(2),
      EndDate: at(3),
      ScanBy: 'TimestampAscending',
    }),
  );
  expect(AlarmHistoryItems.map(({ Timestamp }) => Timestamp)).toEqual([at(2), at(3)]);
});

test('what is not simulated is refused', async () => {
  await expect(client.send(new DescribeAlarmsCommand({ ActionPrefix: 'arn:' }))).rejects.toMatchObject({
    message: expect.stringContaining('ActionPrefix'),
  });
});
