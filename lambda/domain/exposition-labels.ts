import { faultAt } from './exposition-error.ts';

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const CLOSING_BRACE = 0x7d;
const LETTER_N = 0x6e;

/** Far above what ipamd has (4); bounds the work a hostile line can cause. */
const MOST_LABELS = 64;

/** The labels of one series as places in the bytes; made once for an answer and filled anew for each line. */
export interface Labels {
  readonly bytes: Uint8Array;
  count: number;
  /** Label i: from 4i and to 4i + 1 its name, from 4i + 2 and to 4i + 3 its value between the quotes. */
  readonly places: number[];
  /** Names ascend, without a blank or a last comma: then equal series have equal bytes. */
  canonical: boolean;
}

export const newLabels = (bytes: Uint8Array): Labels => ({ bytes, count: 0, places: [], canonical: true });

export const asBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const textOf = (bytes: Uint8Array, from: number, to: number): string =>
  decoder.decode(bytes.subarray(from, to));

export function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
  return at;
}

/**
 * Reads `{name="value",…}` from behind its opening brace.
 * @returns the offset behind the closing brace
 * @throws ExpositionError
 */
export function readLabels(labels: Labels, start: number): number {
  const { bytes } = labels;
  labels.count = 0;
  labels.canonical = true;
  let at = skipBlanks(bytes, start);
  if (at !== start || bytes[at] === CLOSING_BRACE) labels.canonical = false;
  while (bytes[at] !== CLOSING_BRACE) {
    const from = at;
    if (!isDigit(bytes[at])) while (isNameByte(bytes[at])) at += 1;
    const to = at;
    if (to === from) throw faultAt(bytes, at, 'expected the name of a label or }');
    if (bytes[at] !== EQUALS) at = skipBlanks(bytes, at);
    if (bytes[at] !== EQUALS) throw faultAt(bytes, at, 'expected = after the name of a label');
    at += 1;
    if (bytes[at] !== QUOTE) at = skipBlanks(bytes, at);
    if (bytes[at] !== QUOTE) throw faultAt(bytes, at, 'expected the value of a label in quotes');
    const valueFrom = at + 1;
    at = endOfValue(bytes, valueFrom);
    if (valueFrom - to !== 2) labels.canonical = false;
    addLabel(labels, from, to, valueFrom, at);
    at += 1;
    if (bytes[at] === CLOSING_BRACE) break;
    const behind = at;
    at = skipBlanks(bytes, at);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
    else if (bytes[at] !== CLOSING_BRACE) throw faultAt(bytes, at, 'expected , or } after a label');
    if (at !== behind + 1 || bytes[at] === CLOSING_BRACE) labels.canonical = false;
  }
  return at + 1;
}

export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

export const isNameByte = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || (byte >= 0x41 && byte <= 0x5a) || isDigit(byte));

/** The offset of the quote that ends the value. */
function endOfValue(bytes: Uint8Array, start: number): number {
  let at = start;
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
  if (!ascii && !isUtf8(bytes, start, at)) throw faultAt(bytes, start, 'the value of a label is not UTF-8');
  return at;
}

function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  try {
    textOf(bytes, from, to);
    return true;
  } catch {
    return false;
  }
}

function addLabel(labels: Labels, from: number, to: number, value: number, end: number): void {
  const { bytes, places, count } = labels;
  if (count === MOST_LABELS) throw faultAt(bytes, from, `more than ${MOST_LABELS} labels`);
  for (let label = 0; label < count; label += 1) {
    const order = compare(bytes, places[4 * label] ?? 0, places[4 * label + 1] ?? 0, from, to);
    if (order === 0) throw faultAt(bytes, from, 'a label stands twice');
    if (order > 0) labels.canonical = false;
  }
  places[4 * count] = from;
  places[4 * count + 1] = to;
  places[4 * count + 2] = value;
  places[4 * count + 3] = end;
  labels.count = count + 1;
}

/** The same text for the same labels, in whatever order and with whatever blanks they were written. */
export function seriesKey({ bytes, count, places }: Labels): string {
  const text = (place: number) => textOf(bytes, places[place] ?? 0, places[place + 1] ?? 0);
  const pairs = Array.from({ length: count }, (_, label) => `${text(4 * label)}="${text(4 * label + 2)}"`);
  return pairs.sort().join();
}

/** Negative, 0 or positive as the bytes of the first range sort before, like or after those of the second. */
export function compare(bytes: Uint8Array, from: number, to: number, from2: number, to2: number): number {
  const length = Math.min(to - from, to2 - from2);
  for (let index = 0; index < length; index += 1) {
    const difference = (bytes[from + index] ?? 0) - (bytes[from2 + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return to - from - (to2 - from2);
}

/** Whether the range holds exactly `text`. */
export function holds(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) if (bytes[from + index] !== text[index]) return false;
  return true;
}
