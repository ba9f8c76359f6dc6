import { expect, test } from 'vitest';
import { auditLog } from '../../infra/configure/audit-cost.ts';
import { CATALOG, SCRAPE_WAYS, type ScrapeWay } from '../../lambda/contract.ts';
import { expectGeneratedBlock, markdownTable } from '../support/generated-block.ts';
import { resourcesOf, templateOf } from '../support/stack-template.ts';

/** Dollars, us-east-1, November 2026; from the services' pricing pages, to be checked anew. */
const PRICES = {
  /** a month */
  metric: 0.3,
  alarmMetric: 0.1,
  compositeAlarm: 0.5,
  dashboard: 3,
  /** an hour, each zone */
  endpoint: 0.01,
  putMetricData: 0.01 / 1000,
  s3Put: 0.005 / 1000,
  invocation: 0.2 / 1e6,
  /** arm64 */
  gigabyteSecond: 0.0000133334,
  logGigabyte: 0.5,
};
const HOURS = 730;
/** What is assumed of a cycle: seconds billed, and the log of 200 nodes with the lines of Lambda. */
const CYCLE = { seconds: 2, logKilobytes: 7 };
const ZONES = 2;
const INTERVALS = [1, 5];
/** Milliseconds of the API server's CPU for each node and cycle: `npm run test:real -- large`. */
const API_SERVER_MS: Readonly<Record<ScrapeWay, number>> = { 'api-server': 1.05, node: 0.04 };
/** What the API server sends the function for each node and cycle, compressed: its row of the list, and its metrics. */
const KILOBYTES: Readonly<Record<ScrapeWay, number>> = { 'api-server': 5.01, node: 0.01 };
const cyclesOf = (minutes: number) => (HOURS * 60) / minutes;

const dollars = (value: number) => `$${value.toFixed(2)}`;

test('docs/costs.md says what audit logs cost', () => {
  const rows = [100, 1000, 5000].map((nodes) => [
    nodes.toLocaleString('en'),
    ...INTERVALS.flatMap((minutes) => {
      const { gigabytes, dollars } = auditLog(nodes, minutes);
      return [gigabytes, dollars];
    }),
  ]);
  const head = ['nodes', 'every minute, a month', '', 'every 5 minutes, a month', ''];
  expectGeneratedBlock('docs/costs.md', 'audit', markdownTable(head, rows));
});

test('docs/costs.md says what both ways cost the API server', () => {
  const sizes = [1_000, 5_000, 15_000];
  const million = (events: number) =>
    events < 1e6
      ? `${(events / 1e6).toFixed(2)} million`
      : `${Math.round(events / 1e6).toLocaleString('en')} million`;
  const rows = SCRAPE_WAYS.flatMap((via) => {
    const logs = sizes.map((nodes) => auditLog(nodes, 1, via));
    return [
      ['CPU', ...sizes.map((nodes) => `${((nodes * API_SERVER_MS[via]) / 600).toFixed(1)} % of one`)],
      ['audit events', ...logs.map(({ events }) => million(events))],
      [
        'audit log, if it goes to CloudWatch Logs',
        ...logs.map(({ gigabytes, dollars }) => `${gigabytes}, ${dollars}`),
      ],
      [
        'traffic with the function',
        ...sizes.map((nodes) => `${(((cyclesOf(1) * nodes) / 1e6) * KILOBYTES[via]).toFixed(0)} GB`),
      ],
    ].map((row) => [`\`${via}\``, ...row]);
  });
  const head = [
    '`SCRAPE_VIA`',
    'every minute, a month',
    ...sizes.map((nodes) => `${nodes.toLocaleString('en')} nodes`),
  ];
  expectGeneratedBlock('docs/costs.md', 'ways', markdownTable(head, rows));
});

test('docs/costs.md and the README say what the stack costs', () => {
  const template = templateOf();
  const optional = (row: (typeof CATALOG)[number]) =>
    row.name.startsWith('subnet') || ('onlyIfExposed' in row && row.onlyIfExposed);
  const metrics = CATALOG.filter((row) => !optional(row)).length;
  const alarmMetrics = resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .map(({ Metrics }) =>
      Array.isArray(Metrics) ? Metrics.filter((each) => Object(each).MetricStat).length : 1,
    )
    .reduce((sum, count) => sum + count, 0);
  const composites = resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm').length;
  const [lambda] = resourcesOf(template, 'AWS::Lambda::Function');
  const gigabytes = Number(lambda?.MemorySize) / 1024;

  const rows: [string, string, (cycles: number) => number][] = [
    ['metrics', `${metrics} × $0.30`, () => metrics * PRICES.metric],
    [
      'alarms',
      `${alarmMetrics} metrics × $0.10 + ${composites} composites × $0.50`,
      () => alarmMetrics * PRICES.alarmMetric + composites * PRICES.compositeAlarm,
    ],
    ['dashboard', '$3, the first three of an account free', () => PRICES.dashboard],
    ['PutMetricData', 'cycles × $0.01 / 1,000', (cycles) => cycles * PRICES.putMetricData],
    [
      'Lambda',
      `cycles × (${CYCLE.seconds} s × ${gigabytes} GB × $0.0000133334 + $0.20 / 1,000,000)`,
      (cycles) => cycles * (CYCLE.seconds * gigabytes * PRICES.gigabyteSecond + PRICES.invocation),
    ],
    ['state', '3 × cycles × $0.005 / 1,000', (cycles) => 3 * cycles * PRICES.s3Put],
    [
      'logs',
      `cycles × ${CYCLE.logKilobytes} KB × $0.50 / GB`,
      (cycles) => (cycles * CYCLE.logKilobytes * PRICES.logGigabyte) / 1e6,
    ],
  ];
  const intervals = INTERVALS.map(cyclesOf);
  const sums = intervals.map((cycles) => rows.reduce((sum, [, , cost]) => sum + cost(cycles), 0));
  const endpoint = ZONES * HOURS * PRICES.endpoint;
  expectGeneratedBlock(
    'docs/costs.md',
    'costs',
    markdownTable(
      ['a month', 'every minute', 'every 5 minutes', 'how'],
      [
        ...rows.map(([what, how, cost]) => [what, ...intervals.map((cycles) => dollars(cost(cycles))), how]),
        ['**all, with a NAT gateway that exists**', ...sums.map((sum) => `**${dollars(sum)}**`), ''],
        [
          'endpoint `monitoring`',
          ...intervals.map(() => dollars(endpoint)),
          `${ZONES} zones × ${HOURS} h × $0.01; the S3 gateway endpoint is free`,
        ],
        ['**all, with endpoints**', ...sums.map((sum) => `**${dollars(sum + endpoint)}**`), ''],
      ],
    ),
  );
  expectGeneratedBlock(
    'README.md',
    'total',
    markdownTable(
      ['a month', 'every minute', 'every 5 minutes'],
      [
        ['the stack, with your existing NAT gateway', ...sums.map(dollars)],
        [
          'the stack, with the VPC endpoint `monitoring` instead',
          ...sums.map((sum) => dollars(sum + endpoint)),
        ],
        ...SCRAPE_WAYS.map((via) => [
          {
            'api-server':
              'on top, for each 1,000 nodes, if the cluster sends its audit log to CloudWatch Logs',
            node: 'instead of that, with [`SCRAPE_VIA: node`](docs/costs.md#both-ways)',
          }[via],
          ...INTERVALS.map((minutes) => {
            const { gigabytes, dollars } = auditLog(1000, minutes, via);
            return `${dollars} (${gigabytes})`;
          }),
        ]),
      ],
    ),
  );
  expect(sums.every((sum) => sum < 20)).toBe(true);
});
