import { describe, expect, test } from 'vitest';
import { ALARM_IDS } from '../../../infra/alarms/definitions.ts';
import { needsPods } from '../../../infra/without-pods.ts';
import { CATALOG, CLUSTER_DIMENSION } from '../../../lambda/contract.ts';
import type { MetricAlarm } from '../../../local/cloudwatch/alarm-evaluator.ts';
import {
  alarmPropertiesOf,
  alarmsOf,
  compositePropertiesOf,
  compositesOf,
} from '../../../local/cloudwatch/alarms-of-template.ts';
import type { Watched } from '../../../local/cloudwatch/watched.ts';
import { notifyingAlarmsOf } from '../../support/alarm-messages.ts';
import { alarmsStack, CLUSTER, FUNCTION_NAME, QUEUE_NAME, TOPICS } from '../../support/cni-alarms-stack.ts';

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

const watchedText = (watched: Watched): string =>
  'series' in watched
    ? `${watched.statistic} of ${watched.series.name}`
    : watched.expression.replace(/\b[a-z]+/g, (name) => {
        const variable = watched.of[name];
        return variable ? `[${watchedText(variable)}]` : name;
      });

const idOf = (name: string): string => name.replace('cni-prod-', '');

/** One alarm in one line. */
const lineOf = (alarm: MetricAlarm): string =>
  `${idOf(alarm.id)}: ${watchedText(alarm.watched)} ${SIGNS[alarm.comparison]} ${alarm.threshold}, ` +
  `${alarm.datapointsToAlarm} of ${alarm.evaluationPeriods} x ${alarm.periodMinutes} min, ${alarm.treatMissingData}`;

const lines = (...props: Parameters<typeof alarmsStack>): string[] =>
  alarmsOf(alarmsStack(...props)).map(lineOf);

/** Every series that any alarm looks at. */
const seriesOf = (watched: Watched): Watched[] =>
  'series' in watched ? [watched] : Object.values(watched.of).flatMap(seriesOf);

test('the alarms of a collector that runs every minute', () => {
  expect(lines()).toEqual([
    'nodes-refusing-pods-condition: Maximum of nodesRefusingPods > 0, 1 of 1 x 1 min, ignore',
    'subnet-empty-soon: Maximum of subnetHoursToExhaustion < 2, 10 of 70 x 1 min, ignore',
    'heartbeat-condition: FILL([SampleCount of awsNodePods], 0) < 1, 3 of 3 x 1 min, breaching',
    'nothing-read: 100 * [Average of scrapedPods] / [Average of awsNodePods] < 1, 1 of 1 x 5 min, ignore',
    'nodes-unread: [Maximum of nodesUnread] * [Maximum of scrapedPods] / [Maximum of scrapedPods] > 0, 1 of 1 x 1 min, ignore',
    'nodes-restarting: Maximum of nodesRestarting > 0, 1 of 1 x 1 min, ignore',
    'subnet-empty-tomorrow: IF([Maximum of subnetHoursToExhaustion] >= 2, [Maximum of subnetHoursToExhaustion]) < 24, 15 of 735 x 1 min, ignore',
    'subnet-fragmented: Maximum of subnetsWithoutFreePrefixes > 0, 6 of 6 x 5 min, notBreaching',
    'addresses-leaked: Maximum of subnetLeakedIPs > 0, 6 of 6 x 5 min, ignore',
    'aws-api-errors: 4 * ([Sum of awsAPIErr] - [Sum of insufficientIPErr]) / ([Average of scrapedPods] + 10) > 3, 1 of 1 x 15 min, ignore',
    'function-errors: Sum of Errors > 0, 2 of 3 x 1 min, notBreaching',
    'function-throttles: Sum of Throttles > 0, 1 of 1 x 5 min, notBreaching',
    'function-slow: IF([Sum of Errors] < 1, 100 * [Maximum of Duration] / 45000) > 80, 2 of 3 x 1 min, notBreaching',
    'dead-letters: Maximum of ApproximateNumberOfMessagesVisible > 0, 1 of 1 x 5 min, notBreaching',
    'heartbeat-started: IF([SampleCount of awsNodePods] >= 3, [SampleCount of awsNodePods]) < 0, 1 of 1 x 3 min, ignore',
  ]);
});

test('periods hold whole cycles of a slower collector, and as few of them as the time needs', () => {
  const overrides = { podsRefused: true, subnetLow: true, nodesWithoutWarmIPs: true };
  expect(lines({ intervalMinutes: 4, overrides })).toEqual(
    expect.arrayContaining([
      'nodes-unread: [Maximum of nodesUnread] * [Maximum of scrapedPods] / [Maximum of scrapedPods] > 0, 1 of 1 x 4 min, ignore',
      'subnet-empty-soon: Maximum of subnetHoursToExhaustion < 2, 3 of 18 x 4 min, ignore',
      'pods-refused: Sum of noAvailableIPAddresses > 0, 1 of 1 x 8 min, ignore',
      'subnet-low: Maximum of subnetAvailablePercentMin < 20, 2 of 2 x 8 min, ignore',
      'nodes-without-warm-ips: Minimum of nodesWithoutWarmIPs > 0, 2 of 2 x 8 min, ignore',
      'heartbeat-condition: FILL([SampleCount of awsNodePods], 0) < 1, 3 of 3 x 4 min, breaching',
      'heartbeat-started: IF([SampleCount of awsNodePods] >= 3, [SampleCount of awsNodePods]) < 0, 1 of 1 x 12 min, ignore',
    ]),
  );
  expect(lines({ intervalMinutes: 60, overrides })).toContain(
    'subnet-low: Maximum of subnetAvailablePercentMin < 20, 1 of 1 x 60 min, ignore',
  );
});

describe('changes', () => {
  test('a threshold', () => {
    expect(lines({ overrides: { nodesWithoutWarmIPs: { threshold: 3 } } })).toContain(
      'nodes-without-warm-ips: Minimum of nodesWithoutWarmIPs > 3, 2 of 2 x 5 min, ignore',
    );
  });

  test('a time: all datapoints of it unless it is said how many', () => {
    const overrides = {
      ipamdErrors: { evaluationPeriods: 6 },
      functionErrors: { evaluationPeriods: 10, datapointsToAlarm: 4 },
      deadLetters: { evaluationPeriods: 3, datapointsToAlarm: 2 },
    };
    expect(lines({ overrides })).toEqual(
      expect.arrayContaining([
        'ipamd-errors: Sum of ipamdErr > 0, 6 of 6 x 5 min, ignore',
        'function-errors: Sum of Errors > 0, 4 of 10 x 1 min, notBreaching',
        'dead-letters: Maximum of ApproximateNumberOfMessagesVisible > 0, 2 of 3 x 5 min, notBreaching',
      ]),
    );
  });

  test('off, and on what is off by default', () => {
    const changed = lines({ overrides: { nodesRestarting: false, poolUtilization: true } });
    expect(changed.filter((line) => line.startsWith('nodes-restarting'))).toEqual([]);
    expect(changed).toContain(
      'pool-utilization: 100 * ([Average of totalIPAddresses] - [Average of warmIPAddresses]) / [Average of totalIPAddresses] > 90, 3 of 3 x 5 min, ignore',
    );
  });
});

test('what is not deployed has no alarm', () => {
  const ids = lines({ subnetMetrics: false, deadLetterQueue: undefined }).map((line) => line.split(':')[0]);
  expect(ids).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(subnet-(empty|fragmented)|addresses|dead)/)]),
  );
  expect(ids).toContain('subnet-exhausted');
  expect(ids).toHaveLength(11);
});

test('without aws-node pods, the alarms watch the subnets and the collector', () => {
  const needPods = new Set(CATALOG.map(({ name }) => name).filter(needsPods));
  const alarms = alarmsOf(alarmsStack({ hasPods: false }));
  const watched = alarms.flatMap((alarm) => seriesOf(alarm.watched));
  expect(watched.flatMap((one) => ('series' in one ? [one.series.name] : []))).toContain(
    'subnetAvailablePercentMin',
  );
  for (const one of watched) if ('series' in one) expect([...needPods]).not.toContain(one.series.name);
  expect(lines({ hasPods: false })).toContain(
    'heartbeat-condition: FILL([SampleCount of collectDuration], 0) < 1, 3 of 3 x 1 min, breaching',
  );
});
const everyAlarm = Object.fromEntries(ALARM_IDS.map((id) => [id, true]));

test('every metric of the cluster is in the catalog with the dimension of the cluster alone', () => {
  const published = new Set(CATALOG.filter(({ kind }) => kind !== 'subnet').map(({ name }) => `${name}`));
  const others = [
    { namespace: 'AWS/Lambda', dimensions: { FunctionName: FUNCTION_NAME } },
    { namespace: 'AWS/SQS', dimensions: { QueueName: QUEUE_NAME } },
  ];
  for (const { id, watched } of alarmsOf(alarmsStack({ overrides: everyAlarm }))) {
    for (const one of seriesOf(watched)) {
      if (!('series' in one)) continue;
      const { name, namespace, dimensions } = one.series;
      if (namespace === CLUSTER.namespace) {
        expect(published, id).toContain(name);
        expect(dimensions, id).toEqual({ [CLUSTER_DIMENSION]: CLUSTER.clusterId });
      } else {
        expect(others, id).toContainEqual({ namespace, dimensions });
      }
    }
  }
});

test('each topic receives the alarms of its severity and their end; without topics nobody is notified', () => {
  expect(notifyingAlarmsOf(alarmsStack())).toEqual([]);

  const notifying = alarmsStack({ topics: TOPICS });
  const silent = ['nodes-refusing-pods-condition', 'heartbeat-condition', 'heartbeat-started', ''];
  for (const properties of [
    ...alarmPropertiesOf(notifying).values(),
    ...compositePropertiesOf(notifying).values(),
  ]) {
    const { AlarmName, AlarmDescription, AlarmActions, OKActions } = properties;
    if (silent.includes(AlarmName.replace(/^cni-prod-?/, ''))) {
      expect([AlarmActions, OKActions], AlarmName).toEqual([undefined, undefined]);
      continue;
    }
    const { topicArn } = AlarmDescription.startsWith('CRITICAL') ? TOPICS.critical : TOPICS.warning;
    expect([AlarmActions, OKActions], AlarmName).toEqual([[topicArn], [topicArn]]);
  }
});

test('the one on top is on while any alarm that sends messages is', () => {
  const template = alarmsStack({ topics: TOPICS });
  const top = compositesOf(template).find(({ id }) => id === 'cni-prod');
  const named = [...(top?.rule ?? '').matchAll(/ALARM\("(.+?)"\)/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(notifyingAlarmsOf(template)));
  expect(top?.rule.replaceAll(/ALARM\("(.+?)"\)/g, 'x')).toMatch(/^\(x( OR x)+\)$/);
});

test('heartbeat is on while nothing is published, once the collector has started', () => {
  expect(compositesOf(alarmsStack()).find(({ id }) => id === 'cni-prod-heartbeat')).toEqual({
    id: 'cni-prod-heartbeat',
    rule: '(ALARM("cni-prod-heartbeat-condition") AND OK("cni-prod-heartbeat-started"))',
  });
});

describe('a consequence of an alarm that is on', () => {
  const composite = (...props: Parameters<typeof alarmsStack>) =>
    compositesOf(alarmsStack(...props)).find(({ id }) => id === 'cni-prod-nodes-refusing-pods');

  test('nodesRefusingPods sends nothing while subnetEmptySoon is on', () => {
    expect(composite()).toEqual({
      id: 'cni-prod-nodes-refusing-pods',
      rule: 'ALARM("cni-prod-nodes-refusing-pods-condition")',
      suppressor: { alarm: 'cni-prod-subnet-empty-soon', waitMinutes: 1, extensionMinutes: 1 },
    });
  });

  test('subnetEmptyTomorrow leaves out what breaches subnetEmptySoon, wherever its threshold is', () => {
    expect(lines({ overrides: { subnetEmptySoon: { threshold: 4 } } })).toContain(
      'subnet-empty-tomorrow: IF([Maximum of subnetHoursToExhaustion] >= 4, [Maximum of subnetHoursToExhaustion]) < 24, 15 of 735 x 1 min, ignore',
    );
  });

  test.each([{ overrides: { subnetEmptySoon: false } }, { subnetMetrics: false }])(
    'without subnetEmptySoon they send their own messages: %o',
    (props) => {
      expect(composite(props)).toBeUndefined();
      expect(lines(props)).toContain(
        'nodes-refusing-pods: Maximum of nodesRefusingPods > 0, 1 of 1 x 1 min, ignore',
      );
      expect(lines(props).filter((line) => line.startsWith('subnet-empty-tomorrow'))).toEqual(
        'overrides' in props
          ? ['subnet-empty-tomorrow: Maximum of subnetHoursToExhaustion < 24, 15 of 735 x 1 min, ignore']
          : [],
      );
    },
  );
});

test('a description fits with the longest link, and contains the first steps', () => {
  const runbookUrl = `https://example.com/${'r'.repeat(180)}`;
  const overrides = { poolUtilization: true };
  const template = alarmsStack({ runbookUrl, overrides });
  const properties = [...alarmPropertiesOf(template).values(), ...compositePropertiesOf(template).values()];
  for (const { AlarmName, AlarmDescription } of properties) {
    if (/-(condition|started)$/.test(AlarmName)) {
      expect(AlarmDescription).toMatch(/^Part of cni-prod-[a-z-]+, which sends the messages\.$/);
      continue;
    }
    if (AlarmName === 'cni-prod') continue;
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect(AlarmDescription).toMatch(
      /^(CRITICAL|WARNING): .+\. Look at: .+[.?] First steps: \(1\) .+\. Runbook: https:\/\/example\.com\/r+#[a-z0-9-]+$/,
    );
  }
});

test('a description has no link where the runbook has no address', () => {
  for (const { AlarmDescription } of alarmPropertiesOf(alarmsStack({ runbookUrl: undefined })).values())
    expect(AlarmDescription).not.toMatch(/Runbook|undefined/);
});
