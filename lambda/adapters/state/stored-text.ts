import { gunzipSync } from 'node:zlib';
import { UnusableState } from '../../domain/state/shape.ts';

export interface Limits {
  /** Of the text. */
  readonly maxBytes: number;
  /** Lists, objects and fields: of millions, JSON.parse makes up to 50 times the heap of their text and takes seconds. */
  readonly maxParts: number;
}

/**
 * The text in a stored object, which somebody else may have written.
 * @param bytes gzip
 * @throws UnusableState
 */
export function storedText(bytes: Uint8Array, { maxBytes, maxParts }: Limits): Buffer {
  const text = inflated(bytes, maxBytes);
  if (hasMoreParts(text, maxParts))
    throw new UnusableState(`of more than ${maxParts} lists, objects and fields`);
  return text;
}

/** Whether `storedText` would return the text again. */
export const isReadable = (text: Buffer, { maxBytes, maxParts }: Limits): boolean =>
  text.length <= maxBytes && !hasMoreParts(text, maxParts);

const [QUOTE, COLON, OPENING_BRACKET, BACKSLASH, OPENING_BRACE] = [0x22, 0x3a, 0x5b, 0x5c, 0x7b];
const MARKS = [COLON, OPENING_BRACKET, OPENING_BRACE];

/** A state has few marks among megabytes of digits, and finding these takes a fiftieth of the time of the exact count. */
const hasMoreParts = (text: Buffer, most: number): boolean =>
  hasMoreMarks(text, most) && partsOf(text) > most;

function hasMoreMarks(text: Buffer, most: number): boolean {
  let marks = 0;
  for (const mark of MARKS) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
      marks += 1;
      if (marks > most) return true;
    }
  }
  return false;
}

/** How many marks it has outside of strings: the names of holders can be full of them. */
function partsOf(text: Buffer): number {
  let parts = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) inString = !inString;
    else if (inString) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === OPENING_BRACKET || byte === OPENING_BRACE || byte === COLON) parts += 1;
  }
  return parts;
}

function inflated(bytes: Uint8Array, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    const isLarge = cause instanceof RangeError;
    throw new UnusableState(isLarge ? `more than ${maxBytes} bytes of text` : 'not gzip, or cut short', {
      cause,
    });
  }
}
