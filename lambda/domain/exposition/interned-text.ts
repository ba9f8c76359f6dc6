import { holds, textOf } from './bytes.ts';

/** A cluster's pods call the same few dozen APIs. So many texts of such a length are all that a hostile answer leaves. */
const MOST = 1024;
const LONGEST = 64;

/** By hash of its bytes: a text that was met before. */
const known = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>();

/**
 * The text of a range, mostly the same string for the same bytes: thousands of pods say what the first one did.
 * @throws TypeError where the range is not UTF-8
 */
export function sharedText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > LONGEST) return textOf(bytes, from, to);
  let hash = 0;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  const met = known.get(hash);
  if (met && holds(bytes, from, to, met.bytes)) return met.text;
  const text = textOf(bytes, from, to);
  if (known.size >= MOST) known.clear();
  known.set(hash, { bytes: bytes.slice(from, to), text });
  return text;
}
