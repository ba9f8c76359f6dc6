import { CLOSING_BRACE, LINE_FEED, QUOTE, SPACE, ZERO } from './ascii.ts';
import { plainUntil, sharedBytes } from './bytes.ts';
import { NAMES } from './families.ts';
import { valueStart } from './labels.ts';
import type { Pass } from './pass.ts';
import type { Totals } from './totals.ts';

/** Numbers of up to 15 digits are exact. */
const MAX_DIGITS = 15;

/**
 * Reads the lines after a sample that differ from the previous line only in a greater value of the last label, of
 * plain characters, and in the value of the sample, a whole number: most lines do. No check is skipped; a line that
 * fails one, or contains anything else, is not read here.
 * @param name position in NAMES of the last sample, which begins at `line` and ends at `end`
 * @returns the offset of the line feed that ends the last such line, or `end`
 */
export function readSiblings(pass: Pass, name: number, line: number, end: number): number {
  const { answer, labels, sample, series, totals } = pass;
  const place = placeOf(totals, name);
  if (!place || series || !labels.canonical || labels.count === 0 || !Number.isFinite(sample.value))
    return end;
  const { bytes } = answer;
  const value = valueStart(labels, labels.count - 1) - line;
  let quote = plainUntil(bytes, line + value) - line;
  if (bytes[line + quote] !== QUOTE) return end;

  let last = line;
  let lastEnd = end;
  let read = 0;
  let sum = place.sums[place.index] ?? 0;
  while (true) {
    const start = lastEnd + 1;
    // What both lines share, up to the closing quote of the first, is known to be plain; if that is all, so is the series.
    const shared = sharedBytes(answer, last, start, quote + 1);
    if (shared < value || shared > quote) break;
    if ((bytes[start + shared] ?? 0) <= (bytes[last + shared] ?? 0)) break;
    const closing = plainUntil(bytes, start + shared);
    if (bytes[closing] !== QUOTE || bytes[closing + 1] !== CLOSING_BRACE || bytes[closing + 2] !== SPACE)
      break;
    const first = closing + 3;
    let at = first;
    let number = 0;
    for (; ; at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      number = 10 * number + digit;
    }
    if (at === first || at - first > MAX_DIGITS || bytes[at] !== LINE_FEED) break;
    last = start;
    lastEnd = at;
    quote = closing - start;
    sum += number;
    read += 1;
  }
  place.sums[place.index] = sum;
  if (place.sums === totals.facts.inUseOnEnis) totals.facts.enis += read;
  else totals.samples += read;
  const before = last + labels.start - line;
  pass.befores[name] = before;
  pass.beforeLengths[name] = last + quote + 2 - before;
  return lastEnd;
}

/** The sum that every series of a name is added to, if it is exactly one. */
function placeOf(
  { gauges, counters, facts }: Totals,
  name: number,
): { sums: number[]; index: number } | undefined {
  const target = NAMES[name]?.target;
  if (target?.kind === 'gauge') return { sums: gauges, index: target.index };
  if (target?.kind === 'fact' && target.part === 'eni') return { sums: facts.inUseOnEnis, index: 0 };
  if (target?.kind !== 'counter') return undefined;
  const [row, more] = target.rows;
  return row && !more && !row.select ? { sums: counters, index: row.index } : undefined;
}
