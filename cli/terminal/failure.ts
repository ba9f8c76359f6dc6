import { styleText } from 'node:util';
import { printable } from '../../lambda/domain/printable.ts';
import type { CollectorError } from '../../lambda/errors.ts';
import { wrap } from './wrap.ts';

/** A failure as JSON. */
export const failureOf = ({ code, what, remedy }: CollectorError) => ({ failure: { code, what, remedy } });

/** A code with its evidence, and below it what to do. @param width characters a line may have */
export function item(
  sign: '✗' | '!',
  { code, text, remedy }: { readonly code: string; readonly text: string; readonly remedy?: string },
  width: number,
): string[] {
  const head = `  ${sign} ${code}`;
  const [first = '', ...rest] = wrap(printable(text), width, `${head} `, '    ');
  const advice = remedy === undefined ? [] : wrap(remedy, width, '    ', '    ');
  return [
    styleText(sign === '✗' ? 'red' : 'yellow', head) + first.slice(head.length),
    ...rest,
    ...advice.map((line) => styleText('dim', line)),
  ];
}
