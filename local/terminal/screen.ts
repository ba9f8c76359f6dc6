import { styleText } from 'node:util';
import type { Report } from '../../lambda/collect/report.ts';
import { metricTable } from './metric-table.ts';
import { wrap } from './wrap.ts';

/** What a person sees of one cycle. */
export interface View {
  readonly report: Report;
  /** The cycle before it, against which changes are told. */
  readonly before: Report | undefined;
  /** Counted from 1. */
  readonly cycle: number;
  /** Characters a line may have. */
  readonly width: number;
}

const FULLEST = 3;

/** The lines of a cycle: what happened, what was published, what somebody should know. */
export function renderCycle({ report, before, cycle, width }: View): string {
  return [
    headline(report, cycle),
    ...metricTable(report.metrics, before?.metrics, width),
    ...fullest(report),
    ...troubles(report, width),
    '',
  ].join('\n');
}

function headline({ time, pods, published, durationsMs }: Report, cycle: number): string {
  const coverage = `${pods.read} of ${pods.found} pods read`;
  const sent = published
    ? `${published.datums} metrics in ${published.requests} ${published.requests === 1 ? 'request' : 'requests'}`
    : 'nothing published';
  return [
    styleText('bold', `Cycle ${cycle}`),
    time.slice(11, 16),
    styleText(pods.read === pods.found ? 'green' : 'yellow', coverage),
    `${Math.round(durationsMs.total)} ms`,
    sent,
  ].join(styleText('dim', '  ·  '));
}

function fullest({ fullest: nodes }: Report): string[] {
  if (nodes.length === 0) return [];
  const lines = nodes.slice(0, FULLEST).map(({ node, assigned, total, percent }) => {
    const use = `${assigned ?? '?'}/${total ?? '?'}`;
    return `  ${percent === null ? 'unknown   ' : bar(percent)} ${use.padStart(8)}  ${node}`;
  });
  return ['', styleText('bold', 'Fullest nodes'), ...lines];
}

function bar(percent: number): string {
  const filled = Math.floor(percent / 10);
  return `${'█'.repeat(filled)}${'░'.repeat(10 - filled)}`;
}

/** Warnings and failures with their remedies. */
function troubles({ pods, warnings }: Report, width: number): string[] {
  const failures = pods.failures.flatMap(({ code, count, example, remedy }) => [
    ...item('✗', code, `on ${count} ${count === 1 ? 'pod' : 'pods'}: ${example}`, 'red', width),
    ...wrap(remedy, width, '    ', '    ').map((text) => styleText('dim', text)),
  ]);
  // The failures say the same with more words.
  const others = warnings
    .filter(({ code }) => code !== 'partial-coverage')
    .flatMap(({ code, message }) => item('!', `${code}:`, message, 'yellow', width));
  const lines = [...failures, ...others];
  return lines.length === 0 ? [] : ['', styleText('bold', 'Worth knowing'), ...lines];
}

function item(sign: string, code: string, text: string, color: 'red' | 'yellow', width: number): string[] {
  const [first = '', ...rest] = wrap(`${sign} ${code} ${text}`, width, '  ', '    ');
  const head = `  ${sign} ${code}`;
  return [styleText(color, head) + first.slice(head.length), ...rest];
}
