import { styleText } from 'node:util';
import type { Report } from '../../lambda/collect/report.ts';
import type { CollectorError } from '../../lambda/errors.ts';
import { item } from './failure.ts';
import { holdersTable } from './holders-table.ts';
import { metricTable } from './metric-table.ts';
import { wrapParts } from './wrap.ts';

/** What a person sees of one cycle. */
interface View {
  /** Undefined: the cycle failed before there was anything to report. */
  readonly report: Report | undefined;
  /** Why the cycle failed. */
  readonly failure?: CollectorError | undefined;
  /** The last cycle that did not fail: changes are shown against it. */
  readonly before: Report | undefined;
  /** Counted from 1. */
  readonly cycle: number;
  /** Characters a line may have. */
  readonly width: number;
}

const FULLEST = 3;

/** The lines of a cycle: its outcome, the metrics, the fullest nodes, warnings and failures with their remedies. */
export function renderCycle({ report, failure, before, cycle, width }: View): string {
  return [
    ...headline(report, failure, cycle, width),
    ...(report ? metricTable(report.metrics, before?.metrics, width) : []),
    ...(report?.addresses ? holdersTable(report.addresses, width) : []),
    ...(report ? fullest(report, width) : []),
    ...(report ? notes(report, width) : []),
    ...(failure ? failed(failure, width) : []),
    '',
  ].join('\n');
}

function headline(
  report: Report | undefined,
  failure: CollectorError | undefined,
  cycle: number,
  width: number,
): string[] {
  const parts = [
    styleText('bold', `Cycle ${cycle}`),
    ...(failure ? [styleText('red', 'failed')] : []),
    ...(report ? outcome(report) : []),
  ];
  return wrapParts(parts, styleText('dim', '  ·  '), width, '', '  ');
}

function outcome({ time, pods, published, durationsMs }: Report): string[] {
  const coverage = `${pods.read} of ${pods.found} pods read`;
  const sent = published
    ? `${published.datums} metrics in ${published.requests} ${published.requests === 1 ? 'request' : 'requests'}`
    : 'nothing published';
  return [
    time.slice(11, 16),
    styleText(pods.read === pods.found ? 'green' : 'yellow', coverage),
    `${Math.round(durationsMs.total)} ms`,
    sent,
  ];
}

function fullest({ fullest: nodes }: Report, width: number): string[] {
  if (nodes.length === 0) return [];
  const lines = nodes.slice(0, FULLEST).flatMap(({ node, assigned, total, percent }) => {
    const use = `${assigned ?? '?'}/${total ?? '?'}`.padStart(8);
    return wrapParts(
      [`${percent === null ? 'unknown   ' : bar(percent)} ${use}`, node],
      '  ',
      width,
      '  ',
      '    ',
    );
  });
  return ['', styleText('bold', 'Fullest nodes'), ...lines];
}

function bar(percent: number): string {
  // More can be in use than is held, after a forced removal of an interface.
  const filled = Math.min(10, Math.max(0, Math.floor(percent / 10)));
  return `${'█'.repeat(filled)}${'░'.repeat(10 - filled)}`;
}

/** Warnings, and pods that were not read. */
function notes({ pods, warnings }: Report, width: number): string[] {
  const failures = pods.failures.flatMap(({ code, count, pods: [pod = '<pod>'], example, remedy }) => {
    const text = `on ${count} ${count === 1 ? 'pod' : 'pods'}: ${example}`;
    return item('✗', { code, text, remedy: remedy.replace('<pod>', pod) }, width);
  });
  // The failures above say the same in more detail.
  const others = warnings
    .filter(({ code }) => code !== 'partial-coverage')
    .flatMap(({ code, message }) => item('!', { code: `${code}:`, text: message }, width));
  const lines = [...failures, ...others];
  return lines.length === 0 ? [] : ['', styleText('bold', 'Worth knowing'), ...lines];
}

function failed({ code, what, remedy }: CollectorError, width: number): string[] {
  return [
    '',
    styleText('bold', 'Why it failed'),
    ...item('✗', { code: `${code}:`, text: what, remedy }, width),
  ];
}
