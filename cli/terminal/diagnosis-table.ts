import { styleText } from 'node:util';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import type { Step } from '../../lambda/diagnose/steps.ts';
import { holdersTable } from './holders-table.ts';
import { wrap } from './wrap.ts';

const MARKS = {
  ok: styleText('green', '✓'),
  failed: styleText('red', '✗'),
  skipped: styleText('dim', '–'),
} as const;
const NAME_WIDTH = 17;
const MS_WIDTH = 7;
/** Where the last column begins. */
const SEEN_COLUMN = 4 + NAME_WIDTH + MS_WIDTH + 2;
/** Where it begins on a narrow terminal: on a line of its own. */
const NARROW_COLUMN = 6;
const MIN_SEEN_WIDTH = 40;

/**
 * One line a step; under a failed one its cause and its remedy. Then who holds the addresses, if it is known.
 * @param width characters a line may have
 */
export function renderDiagnosis(
  { healthy, steps, addresses }: Pick<Diagnosis, 'healthy' | 'steps' | 'addresses'>,
  width: number,
): string {
  const failed = steps.filter(({ status }) => status === 'failed').length;
  const verdict = healthy
    ? styleText('green', 'Healthy')
    : styleText('red', `Not healthy: ${failed} ${failed === 1 ? 'step' : 'steps'} failed`);
  return [
    ...steps.flatMap((step) => linesOf(step, width)),
    ...(addresses ? holdersTable(addresses, width) : []),
    '',
    verdict,
    '',
  ].join('\n');
}

function linesOf({ name, status, ms, seen, cause, remedy }: Step, width: number): string[] {
  const time = status === 'skipped' ? '' : `${ms} ms`;
  const line = `  ${MARKS[status]} ${name.padEnd(NAME_WIDTH)}${time.padStart(MS_WIDTH)}`;
  return [
    ...(width < SEEN_COLUMN + MIN_SEEN_WIDTH
      ? [line.trimEnd(), ...wrap(seen, width, ' '.repeat(NARROW_COLUMN), ' '.repeat(NARROW_COLUMN))]
      : wrapAfter(`${line}  `, SEEN_COLUMN, seen, width)),
    ...(cause === undefined ? [] : labeled('cause', cause, width)),
    ...(remedy === undefined ? [] : labeled('remedy', remedy, width)),
  ];
}

const LABEL_COLUMN = 14;

function labeled(label: string, text: string, width: number): string[] {
  return wrapAfter(
    `      ${styleText('bold', label)}${' '.repeat(8 - label.length)}`,
    LABEL_COLUMN,
    text,
    width,
  );
}

/** @param start of the first line, styled; `column` characters wide */
function wrapAfter(start: string, column: number, text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(text, width, ' '.repeat(column), ' '.repeat(column));
  return [start + first.slice(column), ...rest];
}
