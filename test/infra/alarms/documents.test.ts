import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALARM_IDS, ALARMS, type AlarmDefinition, type AlarmId } from '../../../infra/alarms/definitions.ts';
import type { Timing } from '../../../infra/alarms/timing.ts';
import { RATIOS } from '../../../infra/dashboard/cluster-metrics.ts';
import { CATALOG } from '../../../lambda/contract.ts';
import { alarmsOf, compositesOf } from '../../../local/cloudwatch/alarms-of-template.ts';
import { INCIDENTS } from '../../alarm-table/incidents.ts';
import {
  DELIVERY_MINUTES,
  daysOf,
  definitionOf,
  falseAlarmsOf,
  INTERVALS,
  kebab,
  readTable,
  slowest,
  upperBound,
} from '../../alarm-table/table.ts';
import { alarmsStack, CLUSTER } from '../../support/cni-alarms-stack.ts';
import { expectGeneratedBlock, markdownTable } from '../../support/generated-block.ts';

const definitions: readonly (readonly [string, AlarmDefinition])[] = ALARM_IDS.map((id) => [id, ALARMS[id]]);

const isPercent = (name: string) => CATALOG.some((row) => row.name === name && row.unit === 'Percent');

/** What an alarm compares with its threshold, and the threshold's unit. */
function watched({ signal }: AlarmDefinition): [what: string, unit: string] {
  if ('metric' in signal) {
    const { metric, leftTo } = signal;
    const unit = isPercent(metric) ? ' %' : '';
    return leftTo ? [`${ALARMS[leftTo].threshold}${unit} <= \`${metric}\``, unit] : [`\`${metric}\``, unit];
  }
  if ('ratio' in signal) {
    const { expression, of } = RATIOS[signal.ratio];
    const names = new Map(Object.entries(of));
    return [`\`${expression.replace(/[a-z]+/g, (name) => names.get(name) ?? name)}\``, ' %'];
  }
  if ('math' in signal) {
    const math = signal.math.replace(/[a-z]+/g, (name) => signal.of[name]?.metric ?? name);
    return [`\`${math}\``, ''];
  }
  if ('publicationsOf' in signal) return [`publications of \`${signal.publicationsOf}\``, ''];
  if ('queue' in signal) return ['messages in the dead-letter queue', ''];
  return signal.function === 'Duration'
    ? ['`Duration` of the function', ' % of its timeout']
    : [`\`${signal.function}\` of the function`, ''];
}

function time(timing: Timing, isState: boolean): string {
  if ('minutes' in timing) {
    const windows = timing.minutes / timing.window;
    if (timing.holds) return `in ${timing.minutes} of the last ${timing.minutes + timing.holds} min`;
    if (isState) return `for ${timing.minutes} min`;
    return windows === 1
      ? `in ${timing.minutes} min`
      : `in each of ${windows} periods of ${timing.window} min`;
  }
  const { cycles, breaching = cycles } = timing;
  if (cycles === 1) return 'in one cycle';
  return breaching === cycles ? `in ${cycles} cycles running` : `in ${breaching} of ${cycles} cycles`;
}

const LACKED = { 'with-pods': 'with pods', 'with-subnet-metrics': 'with `SUBNET_METRICS`' } as const;

test('docs/alarms.md lists every alarm with its defaults', () => {
  const rows = definitions.map(([id, definition]) => {
    const { title, severity, comparison, threshold, timing, signal, off } = definition;
    const [what, unit] = watched(definition);
    const isState = 'ratio' in signal || ('metric' in signal && signal.statistic !== 'Sum');
    return [
      `\`${id}\``,
      off ? `${severity}, off${off === true ? '' : ` ${LACKED[off]}`}` : severity,
      `[${title}](runbook.md#${definition.runbook})`,
      `${what} ${comparison} ${threshold}${unit} ${time(timing, isState)}`,
    ];
  });
  expectGeneratedBlock(
    'docs/alarms.md',
    'alarms',
    markdownTable(['alarm', 'severity', 'what it says', 'fires at'], rows),
  );
});

/** A month, us-east-1: for each metric that an alarm watches, and for a composite alarm. https://aws.amazon.com/cloudwatch/pricing/ */
const PRICES = { metric: 0.1, composite: 0.5 };
const template = alarmsStack({ overrides: { subnetExhausted: true } });
const metricAlarms = alarmsOf(template);
const composites = compositesOf(template);

/** With the alarms that it is made of. */
function monthlyCost(id: AlarmId): string {
  const name = `cni-${CLUSTER.clusterId}-${kebab(id)}`;
  const composite = composites.find((alarm) => alarm.id === name);
  const parts = metricAlarms.filter((alarm) =>
    composite ? composite.rule.includes(`"${alarm.id}"`) : alarm.id === name,
  );
  if (parts.length === 0) throw new Error(`no alarm ${id}`);
  const metrics = parts.map(({ watched }) => ('series' in watched ? 1 : Object.keys(watched.of).length));
  const sum = metrics.reduce((total, count) => total + count * PRICES.metric, 0);
  return `$${(sum + (composite ? PRICES.composite : 0)).toFixed(2)}`;
}

/** What `npm run alarms` has measured of the alarms that are on by default. */
function measured(severities: readonly AlarmDefinition['severity'][]): string {
  const table = readTable();
  const days = daysOf(table);
  const isMeasured = ({ off }: AlarmDefinition) => off === undefined || off === 'with-subnet-metrics';
  const rows = ALARM_IDS.filter(
    (id) => isMeasured(definitionOf(id)) && severities.includes(definitionOf(id).severity),
  ).map((id) => {
    const { title, severity } = definitionOf(id);
    const minutes = INTERVALS.map((interval) => String(slowest(table, id, interval) ?? '-'));
    const events = falseAlarmsOf(table, id);
    return [
      `\`${id}\``,
      severity,
      title,
      ...minutes,
      `${events} in ${days}: fewer than ${upperBound(events, days).toFixed(1)} in 100`,
      monthlyCost(id),
    ];
  });
  return markdownTable(
    [
      'alarm',
      'severity',
      'what it says',
      'minutes from incident to alarm',
      'same, a cycle every 5 minutes',
      'false alarms on healthy days',
      'cost a month',
    ],
    rows,
  );
}

test('the README and docs/alarms.md show how fast and how quiet the alarms are', () => {
  expectGeneratedBlock('README.md', 'alarms', measured(['critical']));
  expectGeneratedBlock('docs/alarms.md', 'measured', measured(['critical', 'warning']));
});

test('docs/alarms.md shows for each incident how long its alarm takes, at every size', () => {
  const table = readTable();
  const sizes = Object.keys(table);
  const rows = INCIDENTS.map(({ what, alarm }) => {
    const minutesAt = (nodes: string, interval: number) =>
      table[nodes]?.incidents.find((row) => row.what === what && row.interval === interval)?.minutes[alarm];
    const range = (interval: number) => {
      const minutes = sizes.flatMap((nodes) => minutesAt(nodes, interval) ?? []);
      const [least, most] = [Math.min(...minutes), Math.max(...minutes)].map(
        (each) => each + DELIVERY_MINUTES,
      );
      return least === most ? String(least) : `${least} to ${most}`;
    };
    return [what, `\`${alarm}\``, ...INTERVALS.map(range)];
  });
  expectGeneratedBlock(
    'docs/alarms.md',
    'incidents',
    markdownTable(['incident', 'alarm', 'minutes, read every minute', 'every 5 minutes'], rows),
  );
});

test('docs/alarms.md shows how many healthy days were quiet, at every size', () => {
  const simulated = Object.entries(readTable()).filter(([, { days }]) => days > 0);
  const rows = simulated.map(([nodes, { days, falseAlarms }]) => {
    const bound = upperBound(falseAlarms.length, days);
    const names = falseAlarms.flatMap(({ alarms }) => Object.keys(alarms));
    const fired = new Map(names.map((name) => [name, names.filter((other) => other === name).length]));
    return [
      Number(nodes).toLocaleString('en'),
      String(days),
      [...fired].map(([name, count]) => `\`${name}\` in ${count}`).join(', ') || 'none',
      bound < 100 ? `${bound.toFixed(1)} in 100` : 'too few days',
    ];
  });
  expectGeneratedBlock(
    'docs/alarms.md',
    'healthy',
    markdownTable(['nodes', 'healthy days', 'days with an alarm', 'fewer than (95 %)'], rows),
  );
});

const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const anchorOf = (heading: string) => heading.trim().toLowerCase().replaceAll(' ', '-');
const chapters = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .filter((chapter) => !chapter.startsWith('Before you start\n'))
    .map((chapter) => [anchorOf(chapter.slice(0, chapter.indexOf('\n'))), chapter]),
);

test('every alarm has a chapter of the runbook, and every chapter an alarm', () => {
  expect(new Set(chapters.keys())).toEqual(new Set(definitions.map(([, { runbook: anchor }]) => anchor)));
});

test('every chapter of the runbook has the same three parts', () => {
  const partsOf = (chapter: string) => [...chapter.matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, title]) => title);
  const [parts = [], ...others] = [...chapters.values()].map(partsOf);
  expect(parts).toHaveLength(3);
  for (const other of others) expect(other).toEqual(parts);
});

test('every alarm and metric that the text of the runbook names exists', () => {
  const text = runbook.replaceAll(/```.*?```/gs, '');
  const named = [...text.matchAll(/`([a-z]+(?:[A-Z]+[a-z]*)+)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(2);
  const known = new Set<string>([...ALARM_IDS, ...CATALOG.map(({ name }) => name)]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('latest of the runbook prints the last log line of all pages, not of each', () => {
  const [latest = ''] = /^latest\(\) \{.*?^\}/ms.exec(runbook) ?? [];
  // A query on --output text is applied page by page: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
  const script = `aws() { printf '%s\\n' "$@"; }; jq() { cat; }; LOGS=/aws/lambda/x\n${latest}\nlatest cycle`;
  const asked = execFileSync('bash', ['-eu'], { input: script, encoding: 'utf8' }).trim().split('\n');
  const option = (name: string) => asked[asked.indexOf(name) + 1];
  expect(asked.slice(0, 2)).toEqual(['logs', 'filter-log-events']);
  expect(option('--log-group-name')).toBe('/aws/lambda/x');
  expect(option('--filter-pattern')).toBe('{ $.message = "cycle" }');
  expect(option('--output')).toBe('json');
  expect(asked).not.toContain('--query');
});

test('the runbook asks of date what every Unix has', () => {
  const uses = [...runbook.matchAll(/\$\(date ([^)]*)\)/g)].map(([, options]) => options);
  expect(new Set(uses)).toEqual(new Set(['+%s']));
});
