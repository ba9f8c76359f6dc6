import { printable } from '../printable.ts';
import { LINE_FEED } from './ascii.ts';

/** How many bytes of the line are shown before and after the fault. */
const BEFORE = 40;
const AFTER = 80;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** An answer that is not Prometheus text of ipamd, or contains a series twice: what is wrong, and where. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * @param at offset of the fault in `bytes`
 * @param what the fault in a few words: `expected a value`
 * @returns an error `line 3: expected a value: "awscni_eni_max "`, with the text around the fault
 */
export function faultAt(bytes: Uint8Array, at: number, what: string): ExpositionError {
  const start = at === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, at - 1) + 1;
  const found = bytes.indexOf(LINE_FEED, at);
  const end = found === -1 ? bytes.length : found;
  const from = Math.max(start, at - BEFORE);
  const to = Math.min(end, at + AFTER);
  const excerpt = `${from > start ? '…' : ''}${printable(decoder.decode(bytes.subarray(from, to)))}${to < end ? '…' : ''}`;
  let line = 1;
  for (let index = 0; index < start; index += 1) if (bytes[index] === LINE_FEED) line += 1;
  return new ExpositionError(line, `line ${line}: ${what}: "${excerpt}"`);
}
