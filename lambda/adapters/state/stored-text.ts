import { gunzipSync } from 'node:zlib';
import { UnusableState } from '../../domain/state/shape.ts';

interface Limits {
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
  if (partsOf(text) > maxParts) throw new UnusableState(`of more than ${maxParts} lists, objects and fields`);
  return text;
}

/** How many `[`, `{` and `:` it has; those in names are few. */
function partsOf(text: Buffer): number {
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === 0x5b || byte === 0x7b || byte === 0x3a) parts += 1;
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
