/** The shapes that stored state is checked for; each check throws UnusableState. */

/** Stored state that cannot be used: damaged, or not of this program. The message says why. */
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

/** Numbers, with NaN for null. */
export function numbers(value: unknown, length: number, what: string): readonly number[] {
  const values = list(value, what);
  if (values.length !== length) throw wrong(what, `${length} long`);
  if (values.every(isNumber)) return values;
  return values.map((item) => (item === null ? Number.NaN : number(item, what)));
}

/** A place in a list of `length`. */
export function position(value: unknown, length: number, what: string): number {
  const place = number(value, what);
  if (!Number.isInteger(place) || place < 0 || place >= length) throw wrong(what, `a place among ${length}`);
  return place;
}

const wrong = (what: string, expected: string) => new UnusableState(`${what} is not ${expected}`);
