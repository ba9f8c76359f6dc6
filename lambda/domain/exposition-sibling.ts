import { NAMES } from './exposition-families.ts';
import type { Model, Pass } from './exposition-pass.ts';

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
/** So many digits are exact. */
const MOST_DIGITS = 15;

/** By byte: 1 where it stands for itself in the value of a label, whatever is beside it. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Makes the sample just read, which begins at `line`, the model of the next lines if it can be one. */
export function makeModel(pass: Pass, name: number, line: number): void {
  pass.model = undefined;
  const { labels, totals, series } = pass;
  const target = NAMES[name]?.target;
  if (series || !labels.canonical || labels.count === 0 || !Number.isFinite(pass.sample.value)) return;
  const last = labels.places[4 * labels.count - 2] ?? 0;
  const place = { name, labels: labels.start - line, value: labels.start - line + last, line };
  if (target?.kind === 'gauge') pass.model = { ...place, sums: totals.gauges, index: target.index };
  if (target?.kind !== 'counter') return;
  const [row, more] = target.rows;
  if (row && !more && !row.select) pass.model = { ...place, sums: totals.counters, index: row.index };
}

/**
 * Reads a line that differs from the model in nothing but a greater value of its last label, of plain
 * characters, and a whole number: most lines do. No check is left out; where one fails, or anything else is
 * there, the line is not read here.
 * @returns the offset of its line feed, or -1 where the line is not such a one
 */
export function readSibling(pass: Pass, model: Model, start: number): number {
  const { bytes, words } = pass.answer;
  const { line, value } = model;
  const { length } = bytes;
  if (start + value > length) return -1;
  let shared = 0;
  for (; shared + 4 <= value; shared += 4) {
    if (words.getInt32(line + shared) !== words.getInt32(start + shared)) return -1;
  }
  for (; shared < value; shared += 1) if (bytes[line + shared] !== bytes[start + shared]) return -1;

  let at = start + value;
  let order = 0;
  for (; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (order === 0) order = byte - (bytes[at - start + line] ?? 0);
    if (PLAIN[byte] === 0) break;
  }
  if (order <= 0 || at + 3 > length) return -1;
  if (bytes[at] !== QUOTE || bytes[at + 1] !== CLOSING_BRACE || bytes[at + 2] !== SPACE) return -1;
  const labelsEnd = at + 2;

  const first = labelsEnd + 1;
  let number = 0;
  for (at = first; at < length; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = 10 * number + digit;
  }
  if (at === first || at - first > MOST_DIGITS || at === length || bytes[at] !== LINE_FEED) return -1;

  model.line = start;
  pass.befores[model.name] = start + model.labels;
  pass.beforeLengths[model.name] = labelsEnd - start - model.labels;
  pass.totals.samples += 1;
  model.sums[model.index] = (model.sums[model.index] ?? 0) + number;
  return at;
}
