import { CARRIAGE_RETURN, LINE_FEED, POINT, ZERO } from './ascii.ts';
import { endsWord, isDigit, skipBlanks } from './bytes.ts';
import { faultAt } from './error.ts';

/** What Go's ParseFloat accepts, without hexadecimal and underscores, which the text format excludes. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const TIMESTAMP = /^[+-]?\d{1,19}$/;

/** Go prints 24 characters at most; bounds the work that a hostile line can cause. */
const LONGEST = 64;

/** The value of a sample and where its line ends; created once for an answer and filled again for each line. */
export interface Sample {
  value: number;
  /** Offset of the line feed, or of the end of the answer. */
  end: number;
}

/**
 * Reads a value, a timestamp if there is one, and the end of the line.
 * @param start behind the name or the labels
 * @throws ExpositionError
 */
export function readValue(bytes: Uint8Array, start: number, sample: Sample): void {
  const from = skipBlanks(bytes, start);
  let at = from;
  let digits = 0;
  let value = 0;
  let divisor = 1;
  for (; isDigit(bytes[at]); at += 1) value = 10 * value + (bytes[at] ?? 0) - ZERO;
  digits = at - from;
  if (digits > 0 && bytes[at] === POINT) {
    for (at += 1; isDigit(bytes[at]); at += 1) {
      value = 10 * value + (bytes[at] ?? 0) - ZERO;
      divisor *= 10;
      digits += 1;
    }
  }
  // Up to 15 digits and their power of ten are exact, so one division rounds as a parser does.
  if (digits === 0 || digits > 15 || !endsWord(bytes[at])) {
    at = endOfWord(bytes, at);
    value = numberOf(bytes, from, at);
  } else value /= divisor;
  sample.value = value;
  sample.end = bytes[at] === LINE_FEED ? at : endOfLine(bytes, at);
}

function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start;
  while (!endsWord(bytes[at])) at += 1;
  return at;
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) throw faultAt(bytes, from, 'expected a value');
  if (to - from > LONGEST) throw faultAt(bytes, from, `the value is longer than ${LONGEST} characters`);
  const text = charactersOf(bytes, from, to);
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) throw faultAt(bytes, from, 'the value is out of range');
    return value;
  }
  const [, sign] = INFINITE.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (text.toLowerCase() === 'nan') return NaN;
  throw faultAt(bytes, from, 'the value is not a number');
}

/** One character per byte: only ASCII is accepted afterwards. */
function charactersOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

/** The offset where the line ends; only a timestamp may precede it. */
function endOfLine(bytes: Uint8Array, start: number): number {
  let at = skipBlanks(bytes, start);
  const to = endOfWord(bytes, at);
  if (to !== at) {
    const text = charactersOf(bytes, at, Math.min(to, at + LONGEST));
    if (!TIMESTAMP.test(text)) throw faultAt(bytes, at, 'expected a timestamp or the end of the line');
    at = skipBlanks(bytes, to);
  }
  if (bytes[at] === CARRIAGE_RETURN) at += 1;
  if (at < bytes.length && bytes[at] !== LINE_FEED) throw faultAt(bytes, at, 'expected the end of the line');
  return at;
}
