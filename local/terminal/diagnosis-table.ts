import { styleText } from 'node:util';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import type { Step } from '../../lambda/diagnose/steps.ts';

const MARKS = {
  ok: styleText('green', '✓'),
  failed: styleText('red', '✗'),
  skipped: styleText('dim', '–'),
} as const;
const NAME_WIDTH = 17;
const MS_WIDTH = 7;
/** Where the last column begins. */
const SEEN_COLUMN = 4 + NAME_WIDTH + MS_WIDTH + 2;

/**
 * One line a step; under a failed one its cause and its remedy, whole.
 * @param width characters a line may have; what was seen is cut to it
 */
export function renderDiagnosis({ healthy, steps }: Diagnosis, width: number): string {
  const failed = steps.filter(({ status }) => status === 'failed').length;
  const verdict = healthy
    ? styleText('green', 'Healthy')
    : styleText('red', `Not healthy: ${failed} ${failed === 1 ? 'step' : 'steps'} failed`);
  return [...steps.flatMap((step) => linesOf(step, width)), '', verdict, ''].join('\n');
}

function linesOf({ name, status, ms, seen, cause, remedy }: Step, width: number): string[] {
  const room = Math.max(20, width - SEEN_COLUMN);
  const cut = status !== 'failed' && seen.length > room ? `${seen.slice(0, room - 1)}…` : seen;
  const time = status === 'skipped' ? '' : `${ms} ms`;
  const line = `  ${MARKS[status]} ${name.padEnd(NAME_WIDTH)}${time.padStart(MS_WIDTH)}  ${cut}`;
  if (cause === undefined || remedy === undefined) return [line];
  return [
    line,
    `      ${styleText('bold', 'cause')}   ${cause}`,
    `      ${styleText('bold', 'remedy')}  ${remedy}`,
  ];
}
