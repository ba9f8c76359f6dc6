import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALARM_IDS, ALARMS, type AlarmDefinition } from '../../../infra/alarms/definitions.ts';
import type { Timing } from '../../../infra/alarms/timing.ts';
import { RATIOS } from '../../../infra/dashboard/cluster-metrics.ts';
import { CATALOG } from '../../../lambda/contract.ts';
import { expectGeneratedBlock, markdownTable } from '../../support/generated-block.ts';

const definitions: readonly (readonly [string, AlarmDefinition])[] = ALARM_IDS.map((id) => [id, ALARMS[id]]);

const isPercent = (name: string) => CATALOG.some((row) => row.name === name && row.unit === 'Percent');

/** What an alarm compares with its threshold, and the threshold's unit. */
function watched({ signal }: AlarmDefinition): [what: string, unit: string] {
  if ('metric' in signal) return [`\`${signal.metric}\``, isPercent(signal.metric) ? ' %' : ''];
  if ('ratio' in signal) {
    const { expression, of } = RATIOS[signal.ratio];
    const names = new Map(Object.entries(of));
    return [`\`${expression.replace(/[a-z]+/g, (name) => names.get(name) ?? name)}\``, ' %'];
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
    if (isState) return `for ${timing.minutes} min`;
    return windows === 1
      ? `in ${timing.minutes} min`
      : `in each of ${windows} periods of ${timing.window} min`;
  }
  const { cycles, breaching = cycles } = timing;
  if (cycles === 1) return 'in one cycle';
  return breaching === cycles ? `in ${cycles} cycles running` : `in ${breaching} of ${cycles} cycles`;
}

test('docs/alarms.md lists every alarm with its defaults', () => {
  const rows = definitions.map(([id, definition]) => {
    const { title, severity, comparison, threshold, timing, signal, off } = definition;
    const [what, unit] = watched(definition);
    const isState = 'ratio' in signal || ('metric' in signal && signal.statistic !== 'Sum');
    return [
      `\`${id}\``,
      off ? `${severity}, off` : severity,
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
