import { BACKSLASH, CLOSING_BRACE, COMMA, EQUALS, LETTER_N, LINE_FEED, QUOTE } from './ascii.ts';
import {
  type Answer,
  holds,
  isDigit,
  isNameByte,
  plainUntil,
  sharedBytes,
  skipBlanks,
  textOf,
} from './bytes.ts';
import { faultAt } from './error.ts';
import { sharedText } from './interned-text.ts';

/** Far above what ipamd has (4); bounds the work that a hostile line can cause. */
const MAX_LABELS = 16;
/** Texts that an answer may have decoded: those of ipamd have some hundred, and a million take a second. */
const MAX_DECODED = 50_000;

/** The labels of the current line, as offsets; created once for an answer and filled again for each line. */
export interface Labels {
  readonly answer: Answer;
  /** Offset of the opening brace; `places` are relative to it. */
  start: number;
  /** From the opening brace to behind the closing one; 0 for a line without labels. */
  length: number;
  count: number;
  /** Four numbers per label: start and end of its name, start and end of its value between the quotes. */
  readonly places: number[];
  /** Names ascend, with no blank and no last comma: then equal labels have equal bytes. */
  canonical: boolean;
  /** Values of the whole answer that were decoded. */
  decoded: number;
}

export const newLabels = (answer: Answer): Labels => ({
  answer,
  start: 0,
  length: 0,
  count: 0,
  places: [],
  canonical: true,
  decoded: 0,
});

export function noLabels(labels: Labels, at: number): void {
  labels.start = at;
  labels.length = 0;
  labels.count = 0;
  labels.canonical = true;
}

/**
 * Reads `{name="value",…}`.
 * @param start offset of the opening brace
 * @returns the offset behind the closing brace
 * @throws ExpositionError
 */
export function readLabels(labels: Labels, start: number): number {
  const { answer, length } = labels;
  // Sum and count of a latency are neighbors with the same labels.
  const same = length > 0 && sharedBytes(answer, labels.start, start, length) === length;
  labels.start = start;
  if (same) return start + length;
  labels.count = 0;
  const { bytes } = answer;
  const first = skipBlanks(bytes, start + 1);
  labels.canonical = first === start + 1 && bytes[first] !== CLOSING_BRACE;
  let at = first;
  while (bytes[at] !== CLOSING_BRACE) at = readLabel(labels, at);
  labels.length = at + 1 - start;
  return at + 1;
}

/** Reads `name="value"` and the comma if there is one. @returns the offset of what follows */
function readLabel(labels: Labels, start: number): number {
  const { answer, places, start: base } = labels;
  const { bytes } = answer;
  let at = start;
  if (!isDigit(bytes[at])) while (isNameByte(bytes[at])) at += 1;
  const endOfName = at;
  if (endOfName === start) throw faultAt(bytes, at, 'expected the name of a label or }');
  at = skipBlanks(bytes, at);
  if (bytes[at] !== EQUALS) throw faultAt(bytes, at, 'expected = after the name of a label');
  at = skipBlanks(bytes, at + 1);
  if (bytes[at] !== QUOTE) throw faultAt(bytes, at, 'expected the value of a label in quotes');
  const value = at + 1;
  const quote = endOfValue(labels, value);
  placeName(labels, start, endOfName);
  places[4 * labels.count + 2] = value - base;
  places[4 * labels.count + 3] = quote - base;
  labels.count += 1;
  at = skipBlanks(bytes, quote + 1);
  let plain = value === endOfName + 2 && at === quote + 1;
  if (bytes[at] === COMMA) {
    const next = skipBlanks(bytes, at + 1);
    plain &&= next === at + 1 && bytes[next] !== CLOSING_BRACE;
    at = next;
  } else if (bytes[at] !== CLOSING_BRACE) throw faultAt(bytes, at, 'expected , or } after a label');
  if (!plain) labels.canonical = false;
  return at;
}

function placeName(labels: Labels, from: number, to: number): void {
  const { answer, count, places, start } = labels;
  const { bytes } = answer;
  if (count === MAX_LABELS) throw faultAt(bytes, from, `more than ${MAX_LABELS} labels`);
  for (let label = count - 1; label >= 0; label -= 1) {
    const own = nameStart(labels, label);
    const order = compareBytes(answer, own, nameEnd(labels, label) - own, from, to - from);
    if (order === 0) throw faultAt(bytes, from, 'a label occurs twice');
    if (order > 0) labels.canonical = false;
    // Names ascend so far: one that is greater than the last is not among them.
    else if (labels.canonical) break;
  }
  places[4 * count] = from - start;
  places[4 * count + 1] = to - start;
}

/** Negative, 0 or positive: the bytes of one range sort before, like or after those of the other. */
export function compareBytes(
  answer: Answer,
  one: number,
  length: number,
  other: number,
  otherLength: number,
): number {
  const { bytes } = answer;
  const most = Math.min(length, otherLength);
  const shared = sharedBytes(answer, one, other, most);
  return shared < most ? (bytes[one + shared] ?? 0) - (bytes[other + shared] ?? 0) : length - otherLength;
}

/** The offset of the quote that ends the value. */
function endOfValue(labels: Labels, start: number): number {
  const { bytes } = labels.answer;
  let at = plainUntil(bytes, start);
  let ascii = true;
  for (; ; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) break;
    if (byte === undefined || byte === LINE_FEED) throw faultAt(bytes, at, 'the value of a label has no end');
    if (byte >= 0x80) ascii = false;
    if (byte !== BACKSLASH) continue;
    at += 1;
    const escaped = bytes[at];
    if (escaped !== BACKSLASH && escaped !== QUOTE && escaped !== LETTER_N) {
      throw faultAt(bytes, Math.min(at, bytes.length), 'expected \\\\, \\" or \\n');
    }
  }
  if (ascii) return at;
  noteDecoded(labels, start);
  if (!isUtf8(bytes, start, at)) throw faultAt(bytes, start, 'the value of a label is not UTF-8');
  return at;
}

function noteDecoded(labels: Labels, at: number): void {
  labels.decoded += 1;
  if (labels.decoded > MAX_DECODED)
    throw faultAt(labels.answer.bytes, at, `more than ${MAX_DECODED} texts to decode`);
}

function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  try {
    textOf(bytes, from, to);
    return true;
  } catch {
    return false;
  }
}

/** Offsets in the answer, end exclusive. */
const nameStart = ({ start, places }: Labels, label: number): number => start + (places[4 * label] ?? 0);
const nameEnd = ({ start, places }: Labels, label: number): number => start + (places[4 * label + 1] ?? 0);
export const valueStart = ({ start, places }: Labels, label: number): number =>
  start + (places[4 * label + 2] ?? 0);
export const valueEnd = ({ start, places }: Labels, label: number): number =>
  start + (places[4 * label + 3] ?? 0);

/** The position of a label, or -1. */
export function findLabel(labels: Labels, name: Uint8Array): number {
  const { bytes } = labels.answer;
  for (let label = 0; label < labels.count; label += 1) {
    if (holds(bytes, nameStart(labels, label), nameEnd(labels, label), name)) return label;
  }
  return -1;
}

/** Values are compared as they are written: quote, backslash and line feed are escaped in one way only. */
export const valueIs = (labels: Labels, label: number, value: Uint8Array): boolean =>
  holds(labels.answer.bytes, valueStart(labels, label), valueEnd(labels, label), value);

/**
 * The value of a label, without its escapes; undefined if it is longer than `maxBytes` as it is written: to replace
 * millions of escapes takes seconds, and the memory of a function.
 * @throws ExpositionError after too many of them
 */
export function labelValue(labels: Labels, label: number, maxBytes: number): string | undefined {
  const [from, to] = [valueStart(labels, label), valueEnd(labels, label)];
  if (to - from > maxBytes) return undefined;
  noteDecoded(labels, from);
  const text = sharedText(labels.answer.bytes, from, to);
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
}

/** The same text for the same labels, in whatever order and with whatever blanks they are written. */
export function seriesKey(labels: Labels): string {
  const { bytes } = labels.answer;
  const pairs = Array.from({ length: labels.count }, (_, label) => {
    const name = textOf(bytes, nameStart(labels, label), nameEnd(labels, label));
    return `${name}="${textOf(bytes, valueStart(labels, label), valueEnd(labels, label))}"`;
  });
  return pairs.sort().join();
}
