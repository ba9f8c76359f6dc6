import { holds, textOf } from './bytes.ts';

/** The pods of a cluster call the same few dozen APIs. These limits bound what a hostile answer can leave in memory. */
const MOST = 1024;
const LONGEST = 64;

/** Texts seen before, by the hash of their bytes. */
const known = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>();

/**
 * The text of a range, mostly the same string for the same bytes: thousands of pods repeat the texts of the first.
 * @throws TypeError if the range is not UTF-8
 */
export function sharedText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > LONGEST) return textOf(bytes, from, to);
  let hash = 0;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  const seen = known.get(hash);
  if (seen && holds(bytes, from, to, seen.bytes)) return seen.text;
  const text = textOf(bytes, from, to);
  if (known.size >= MOST) known.clear();
  known.set(hash, { bytes: bytes.slice(from, to), text });
  return text;
}
