import { styleText } from 'node:util';
import { CATALOG } from '../../lambda/domain/catalog.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import { wrap } from './wrap.ts';

const UNITS = { Count: '', Percent: '%', Milliseconds: 'ms' } as const;
const NAME_WIDTH = 26;
const VALUE_WIDTH = 11;
const UNIT_WIDTH = 3;
const CHANGE_WIDTH = 9;
/** Where the last column begins. */
const NOTE_COLUMN = 2 + NAME_WIDTH + VALUE_WIDTH + UNIT_WIDTH + CHANGE_WIDTH + 2;

const rows = new Map(CATALOG.map((row) => [row.name as string, row]));
const decimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });

/** Which metrics stand together; a metric belongs to the first that has it. */
const SECTIONS: readonly { readonly title: string; has(name: string, kind: string): boolean }[] = [
  { title: 'Subnets', has: (name) => name.startsWith('subnet') },
  {
    title: 'Events since the last cycle',
    has: (name, kind) => kind === 'counter' || kind === 'latency' || name === 'ipamdRestarts',
  },
  { title: 'Coverage', has: (_, kind) => kind === 'collector' },
  { title: 'Addresses', has: () => true },
];
const ORDER = ['Addresses', 'Events since the last cycle', 'Subnets', 'Coverage'];

/**
 * A cycle's metrics: name, value, unit, change against the cycle before, and what it means.
 * @param before of the last cycle; undefined in the first
 * @param width characters a line may have
 */
export function metricTable(
  metrics: readonly Metric[],
  before: readonly Metric[] | undefined,
  width: number,
): string[] {
  const values = before && new Map(before.map((metric) => [keyOf(metric), shownValue(metric)]));
  const lastOf = (metric: Metric): Row['before'] => values && (values.get(keyOf(metric)) ?? 'new');
  return ORDER.flatMap((title) => {
    const own = metrics.filter(({ name }) => sectionOf(name) === title);
    if (own.length === 0) return [];
    const table = own.map((metric) => ({ metric, before: lastOf(metric) }));
    const lines = table
      .filter((row) => !isQuiet(row))
      .flatMap(({ metric, before: last }) => linesOf(metric, last, width));
    const quiet = table.filter(isQuiet).map(({ metric }) => metric.name);
    return ['', styleText('bold', title), ...lines, ...quietLines(quiet, width)];
  });
}

function sectionOf(name: string): string | undefined {
  return SECTIONS.find(({ has }) => has(name, rows.get(name)?.kind ?? ''))?.title;
}

const keyOf = ({ name, dimensions }: Metric) => `${name} ${dimensions?.SUBNET_ID ?? ''}`;

/** The single number that stands for a metric: its value, the mean of its statistics, or its median. */
function shownValue(metric: Metric): number {
  if ('value' in metric) return metric.value;
  if ('statistics' in metric) return metric.statistics.sum / metric.statistics.sampleCount;
  return percentile(metric, 0.5);
}

interface Row {
  readonly metric: Metric;
  /** What it showed in the last cycle; undefined in the first. */
  readonly before: number | 'new' | undefined;
}

/** Nothing, as before: not worth a line of its own. */
function isQuiet({ metric, before }: Row): boolean {
  return shownValue(metric) === 0 && (typeof before !== 'number' || before === 0);
}

function quietLines(names: readonly string[], width: number): string[] {
  if (names.length === 0) return [];
  return wrap(`zero: ${names.join(' ')}`, width, '  ', '    ').map((text) => styleText('dim', text));
}

function linesOf(metric: Metric, before: Row['before'], width: number): string[] {
  const value = shownValue(metric);
  const cells = [
    `  ${metric.name.padEnd(NAME_WIDTH)}`,
    decimal.format(value).padStart(VALUE_WIDTH),
    ` ${UNITS[metric.unit]}`.padEnd(UNIT_WIDTH),
    change(value, before),
  ].join('');
  const { text, isMeaning } = noteOf(metric);
  if (text.length <= width - NOTE_COLUMN) return [`${cells}  ${styleText('dim', text)}`.trimEnd()];
  // The meaning of a metric is documented; ids and figures stand nowhere else.
  const below = isMeaning ? [] : wrap(text, width, '    ', '    ').map((line) => styleText('dim', line));
  return [cells.trimEnd(), ...below];
}

function change(value: number, before: number | 'new' | undefined): string {
  if (before === undefined) return ' '.repeat(CHANGE_WIDTH);
  if (before === 'new') return styleText('cyan', 'new'.padStart(CHANGE_WIDTH));
  const text = signed.format(value - before);
  if (text === '0') return styleText('dim', '·'.padStart(CHANGE_WIDTH));
  return styleText(value > before ? 'yellow' : 'green', text.replace('-', '−').padStart(CHANGE_WIDTH));
}

function noteOf(metric: Metric): { readonly text: string; readonly isMeaning: boolean } {
  const figures = figuresOf(metric);
  if (figures !== undefined) return { text: figures, isMeaning: false };
  return { text: rows.get(metric.name)?.meaning ?? '', isMeaning: true };
}

/** What identifies the metric, or describes its distribution. */
function figuresOf(metric: Metric): string | undefined {
  if ('statistics' in metric) {
    const { sampleCount, minimum, maximum } = metric.statistics;
    return `mean of ${decimal.format(sampleCount)} ${sampleCount === 1 ? 'call' : 'calls'}, by node and API ${decimal.format(minimum)} to ${decimal.format(maximum)}`;
  }
  if ('values' in metric) {
    return `median node; p99 ${decimal.format(percentile(metric, 0.99))}, worst ${decimal.format(metric.values.at(-1) ?? 0)}`;
  }
  return metric.dimensions?.SUBNET_ID;
}

/** The lowest value that `share` of the nodes do not exceed. */
function percentile({ values, counts }: Extract<Metric, { values: unknown }>, share: number): number {
  let left = share * counts.reduce((sum, count) => sum + count, 0);
  const index = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return values[index] ?? 0;
}
