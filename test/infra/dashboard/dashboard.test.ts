import type { Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, test } from 'vitest';
import { ALARM_IDS, ALARMS } from '../../../infra/alarms/definitions.ts';
import { FULL_NODES_QUERY } from '../../../infra/dashboard/full-nodes.ts';
import type { Report } from '../../../lambda/collect/report.ts';
import { CATALOG, CYCLE_MESSAGE, type MetricName } from '../../../lambda/contract.ts';
import { jsonLog, logCycle } from '../../../lambda/log.ts';
import { FUNCTION_NAME } from '../../support/cni-alarms-stack.ts';
import { dashboardBody } from '../../support/cni-dashboard-stack.ts';
import { linesOf } from '../../support/dashboard-lines.ts';
import { type DashboardBody, dashboardSchema } from '../../support/dashboard-schema.ts';

/** Published metrics that the dashboard does not show, and why. */
const LEFT_OUT: Partial<Record<MetricName, string>> = {
  totalAssignedIPv4sPerCidr: 'the same addresses as assignIPAddresses, counted by CIDR',
  totalIPv4Prefixes: 'the addresses of prefixes are in totalIPAddresses; only prefix delegation has any',
  sagemakerApiReqCount: 'published only by clusters with SageMaker HyperPod nodes',
  sagemakerApiErrCount: 'published only by clusters with SageMaker HyperPod nodes',
};

const EMPTY_REPORT: Report = {
  cluster: 'prod',
  clusterId: 'prod',
  time: '2026-11-22T14:00:00.000Z',
  pods: { found: 0, read: 0, failed: 0, ipv6: 0, failures: [] },
  metrics: [],
  published: null,
  counters: { baselined: 0, restarted: 0 },
  durationsMs: { discover: 0, scrape: 0, publish: 0, total: 0 },
  warnings: [],
  fullest: [],
};

const bodyOf = (...props: Parameters<typeof dashboardBody>): DashboardBody =>
  dashboardSchema.parse(dashboardBody(...props));

const alarms = (count: number) => (stack: Stack) => ({
  alarms: new Map(
    ALARM_IDS.slice(0, count).map((id) => [
      id,
      Alarm.fromAlarmArn(stack, id, `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${id}`),
    ]),
  ),
});

const body = bodyOf(alarms(3));
const withoutPods = (intervalMinutes = 1) => bodyOf(() => ({ hasPods: false, intervalMinutes }));
const ofCluster = linesOf(body).filter(({ namespace }) => namespace === 'Kubernetes');
const rowOf = (name: string) => CATALOG.find((row) => row.name === name);

test('the body is what CloudWatch takes, in every variant', () => {
  for (const intervalMinutes of [1, 4, 60]) {
    for (const subnetMetrics of [true, false]) {
      const variant = bodyOf(() => ({ intervalMinutes, subnetMetrics }));
      expect(variant.widgets.length).toBeGreaterThan(20);
    }
    expect(withoutPods(intervalMinutes).widgets).toHaveLength(15);
  }
});

test.each([
  ['pods', body],
  ['subnets only', withoutPods()],
])('every row of widgets fills the grid: %s', (_, { widgets }) => {
  const filled = new Map<number, number>();
  for (const { y, width, height } of widgets) {
    for (let line = y; line < y + height; line += 1) filled.set(line, (filled.get(line) ?? 0) + width);
  }
  expect(new Set(filled.values())).toEqual(new Set([24]));
  expect(filled.size).toBe(Math.max(...filled.keys()) + 1);
});

test('every metric of the cluster is in the catalog, with its dimension', () => {
  for (const { name, dimensions, widget } of ofCluster) {
    expect(rowOf(name), `${name} in ${widget}`).toBeDefined();
    expect(dimensions).toEqual({ CLUSTER_ID: 'prod' });
  }
  for (const { namespace, dimensions } of linesOf(body).filter((line) => !ofCluster.includes(line))) {
    expect({ namespace, dimensions }).toMatchObject(
      namespace === 'AWS/Lambda'
        ? { dimensions: { FunctionName: FUNCTION_NAME } }
        : { namespace: 'Kubernetes' },
    );
  }
});

test('every published metric is shown, or left out with a reason, not both', () => {
  const searched = JSON.stringify(body).match(/(?<=MetricName=\\\\?")\w+/g) ?? [];
  const shown = new Set([...ofCluster.map(({ name }) => name), ...searched]);
  const leftOut = new Map(Object.entries(LEFT_OUT));
  for (const { name } of CATALOG) {
    expect(shown.has(name) ? 1 : leftOut.get(name)?.length, name).toBeGreaterThan(0);
    expect([shown.has(name), leftOut.has(name)], name).toContain(false);
  }
});

test('without subnet metrics no widget asks for them', () => {
  expect(JSON.stringify(bodyOf(() => ({ subnetMetrics: false })))).not.toMatch(
    /subnetAvailable|subnetFree|subnetsWithout|subnetLeaked/,
  );
});

test('without aws-node pods no widget asks for their metrics', () => {
  const text = JSON.stringify(withoutPods());
  expect(CATALOG.filter(({ name }) => text.includes(name)).map(({ name }) => name)).toEqual([
    'collectDuration',
    'subnetAvailableIPs',
    'subnetAvailableIPsMin',
    'subnetAvailablePercentMin',
    'subnetFreePrefixesMin',
    'subnetsWithoutFreePrefixes',
    'subnetLeakedIPs',
  ]);
  expect(text).not.toContain('line.fullest');
});

test('a graph says the unit of its lines on the axis', () => {
  for (const { name, axis, hidden, widget } of ofCluster) {
    const unit = rowOf(name)?.unit;
    if (axis === undefined || hidden) continue;
    if (unit === 'Percent') expect(axis, widget).toBe('%');
    else if (unit === 'Milliseconds') expect(axis, widget).toBe('ms');
    else expect(axis, widget).toMatch(/^[a-z ]+$/);
  }
  for (const widget of body.widgets) {
    if (widget.type !== 'metric' || widget.properties.view === 'singleValue') continue;
    expect(widget.properties.yAxis?.left?.label, widget.properties.title).toBeTruthy();
  }
});

test('events are summed, states never are', () => {
  for (const { name, statistic, widget } of ofCluster) {
    const kind = rowOf(name)?.kind;
    const events = kind === 'counter' || name === 'ipamdRestarts';
    expect([name, statistic, widget]).toEqual([
      name,
      events ? 'Sum' : expect.not.stringMatching(/^(Sum|SampleCount)$/),
      widget,
    ]);
    if (/^p\d/.test(statistic)) expect([name, kind]).toEqual([name, 'distribution']);
  }
});

test('the statistics of nodes and of latency', () => {
  const statistics = (name: string) =>
    ofCluster.filter((line) => line.name === name).map((line) => line.statistic);
  expect(statistics('nodeIPUtilization')).toEqual(['p50', 'p99', 'Maximum']);
  expect(statistics('awsAPILatency')).toEqual(['Average', 'Maximum']);
  expect(statistics('subnetAvailableIPsMin')).toEqual(['Minimum']);
});

test.each([1, 2, 7, 60])(
  'each datapoint holds whole cycles of a collector that runs every %d min',
  (intervalMinutes) => {
    const variant = bodyOf(() => ({ intervalMinutes }));
    for (const { period, widget } of linesOf(variant))
      expect([widget, period % (intervalMinutes * 60)]).toEqual([widget, 0]);
    // A title that speaks of minutes means the period of its lines.
    for (const { widget, period } of linesOf(variant)) {
      const minutes = /per (\d+) min/.exec(widget)?.[1];
      if (minutes !== undefined) expect([widget, period]).toEqual([widget, Number(minutes) * 60]);
    }
  },
);

test('the alarms are shown where there are any', () => {
  const shown = ({ widgets }: DashboardBody) =>
    widgets.flatMap((widget) => (widget.type === 'alarm' ? widget.properties.alarms : []));
  expect(shown(body)).toHaveLength(3);
  expect(shown(bodyOf())).toEqual([]);
});

test('the page can be turned to another cluster of the namespace, and explains itself', () => {
  expect(body.variables).toEqual([
    {
      type: 'property',
      property: 'CLUSTER_ID',
      inputType: 'select',
      id: 'cluster',
      label: 'Cluster',
      defaultValue: 'prod',
      search: '{"Kubernetes","CLUSTER_ID"} MetricName="collectDuration"',
      populateFrom: 'CLUSTER_ID',
    },
  ]);
  const [text] = body.widgets;
  if (text?.type !== 'text') throw new Error('The page begins with its explanation');
  for (const figure of ['In use', 'Held', 'Warm', 'Pool in use'])
    expect(text.properties.markdown).toContain(`**${figure}**`);
});

describe('the runbook', () => {
  const textsOf = ({ widgets }: DashboardBody) =>
    widgets.flatMap((widget) => (widget.type === 'text' ? [widget.properties.markdown] : [])).join('\n');

  test('opens at the section of each alarm', () => {
    const text = textsOf(bodyOf(alarms(ALARM_IDS.length)));
    for (const id of ALARM_IDS)
      expect(text).toContain(`(https://example.com/runbook.md#${ALARMS[id].runbook})`);
  });

  test('is not linked where its address is not known', () => {
    const text = textsOf(bodyOf((stack) => ({ ...alarms(3)(stack), runbookUrl: undefined })));
    expect(text).not.toContain('](');
    expect(text).toContain('see its description');
  });
});

test('the table of full nodes reads the line of each cycle, and ends with the latest ten', () => {
  const [log] = body.widgets.flatMap((widget) => (widget.type === 'log' ? [widget.properties] : []));
  expect(log?.query).toBe(`SOURCE '/aws/lambda/collector' | ${FULL_NODES_QUERY.join('\n| ')}`);
  expect(FULL_NODES_QUERY.map((command) => command.split(' ')[0])).toEqual([
    'fields',
    'filter',
    'unnest',
    'fields',
    'stats',
    'sort',
    'limit',
  ]);
  const query = FULL_NODES_QUERY.join('\n');
  expect(query).toContain(`line.message = "${CYCLE_MESSAGE}"`);
  expect(query.match(/(?<=\bfull\.)\w+/g)).toEqual(['node', 'percent', 'assigned', 'total', 'implausible']);
  expect(query).toContain('sort listed desc, isImplausible desc, percentInUse desc');
});

test('the line that the collector logs has what the table reads', () => {
  const lines: string[] = [];
  const full = { node: 'ip-10-0-0-1', pod: 'aws-node-a', assigned: 29, total: 29, percent: 100 };
  const lost = { ...full, total: null, percent: null, implausible: true } as const;
  logCycle(
    jsonLog('info', 'request', () => 0, lines.push.bind(lines)),
    { ...EMPTY_REPORT, fullest: [full, lost] },
  );

  const [line] = lines.map((text) => JSON.parse(text));
  expect(line.message).toBe(CYCLE_MESSAGE);
  for (const field of ['node', 'percent', 'assigned', 'total']) expect(line.fullest[0]).toHaveProperty(field);
  // The table asks whether the field is there.
  expect(line.fullest.map((node: object) => 'implausible' in node)).toEqual([false, true]);
});
