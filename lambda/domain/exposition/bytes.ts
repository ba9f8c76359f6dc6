import { BACKSLASH, CARRIAGE_RETURN, LINE_FEED, QUOTE, SPACE, TAB } from './ascii.ts';

/** The bytes of an answer, in two views. */
export interface Answer {
  readonly bytes: Uint8Array;
  /** The same bytes, to read four at a time. */
  readonly words: DataView;
}

export const answerOf = (bytes: Uint8Array): Answer => ({
  bytes,
  words: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

export const asBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws TypeError where the range is not UTF-8 */
export const textOf = (bytes: Uint8Array, from: number, to: number): string =>
  decoder.decode(bytes.subarray(from, to));

export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** By byte: whether a name may contain it. */
const NAME = Uint8Array.from({ length: 256 }, (_, byte) => (/\w/.test(String.fromCharCode(byte)) ? 1 : 0));

export const isNameByte = (byte: number | undefined): boolean => NAME[byte ?? 0] === 1;

/** By byte: whether it is itself in the value of a label: printable ASCII without quote and backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** The offset of the first byte from `start` that does not stand for itself in the value of a label. */
export function plainUntil(bytes: Uint8Array, start: number): number {
  let at = start;
  while (PLAIN[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

export const endsLine = (byte: number | undefined): boolean =>
  byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === undefined;

export const endsWord = (byte: number | undefined): boolean =>
  byte === SPACE || byte === TAB || endsLine(byte);

export function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
  return at;
}

/** The position of the first byte that is not 0 in a word that is not 0. */
const firstByte = (word: number): number => Math.clz32(word) >> 3;

/** A bit for each byte that is 0, and no other. */
const zeroBytes = (word: number): number => ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f);

/** The offset of the next line feed, or of the end of the answer. */
export function lineEnd({ bytes, words }: Answer, start: number): number {
  const { length } = bytes;
  let at = start;
  for (; at + 8 <= length; at += 8) {
    // A byte that is 0 after this is a line feed.
    const one = words.getInt32(at) ^ 0x0a0a0a0a;
    const two = words.getInt32(at + 4) ^ 0x0a0a0a0a;
    if (((((one - 0x01010101) & ~one) | ((two - 0x01010101) & ~two)) & 0x80808080) === 0) continue;
    const zeros = zeroBytes(one);
    return zeros !== 0 ? at + firstByte(zeros) : at + 4 + firstByte(zeroBytes(two));
  }
  while (at < length && bytes[at] !== LINE_FEED) at += 1;
  return at;
}

/** How many bytes are the same at both offsets, at most `most`. */
export function sharedBytes({ bytes, words }: Answer, one: number, other: number, most: number): number {
  const length = Math.min(most, bytes.length - Math.max(one, other));
  let shared = 0;
  for (; shared + 8 <= length; shared += 8) {
    const left = words.getInt32(one + shared) ^ words.getInt32(other + shared);
    const right = words.getInt32(one + shared + 4) ^ words.getInt32(other + shared + 4);
    if ((left | right) === 0) continue;
    return left !== 0 ? shared + firstByte(left) : shared + 4 + firstByte(right);
  }
  while (shared < length && bytes[one + shared] === bytes[other + shared]) shared += 1;
  return shared;
}

/** Whether the range holds exactly `text`. */
export function holds(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) if (bytes[from + index] !== text[index]) return false;
  return true;
}
