import { quoted } from '../evidence.ts';

/** Checks of the shape of a stored state. Each throws UnusableState. */

/** A stored state that cannot be used: it is damaged, or this program did not write it. The message says why. */
export class UnusableState extends Error {
  override readonly name = 'UnusableState';
}

/** @throws UnusableState */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnusableState('not JSON', { cause });
  }
}

export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, 'an object');
  return { ...value };
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, 'a list');
  return value;
}

export function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw wrong(what, 'text');
  return value;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export function number(value: unknown, what: string): number {
  if (!isNumber(value)) throw wrong(what, 'a number');
  return value;
}

/** `length` numbers from 0 to `most`, with NaN for null. */
export function numbers(value: unknown, length: number, most: number, what: string): readonly number[] {
  const values = list(value, what);
  if (values.length !== length) throw wrong(what, `${length} long`);
  const inRange = (item: unknown): item is number => typeof item === 'number' && item >= 0 && item <= most;
  if (values.every(inRange)) return values;
  return values.map((item) => {
    if (item === null) return Number.NaN;
    if (!inRange(item)) throw wrong(what, `a number from 0 to ${most}`);
    return item;
  });
}

/** A whole number from 0 to `most`. */
export function whole(value: unknown, most: number, what: string): number {
  const count = number(value, what);
  if (!Number.isInteger(count) || count < 0 || count > most)
    throw wrong(what, `a whole number from 0 to ${most}`);
  return count;
}

/** A position in a list of `length`. */
export function position(value: unknown, length: number, what: string): number {
  const at = number(value, what);
  if (!Number.isInteger(at) || at < 0 || at >= length) throw wrong(what, `a position in a list of ${length}`);
  return at;
}

/** `what` can be a name out of the state itself. */
const wrong = (what: string, expected: string) => new UnusableState(`${shown(what)} is not ${expected}`);

const shown = (what: string): string => (/^[\w ]{1,80}$/.test(what) ? what : quoted(what));
