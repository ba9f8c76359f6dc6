/** The shapes that stored readings are checked for; each throws UnusableReadings. */

/** Stored readings that cannot be used: damaged, or not ours. The message says why. */
export class UnusableReadings extends Error {
  override readonly name = 'UnusableReadings';
}

/** @throws UnusableReadings */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnusableReadings('not JSON', { cause });
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

export function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(what, 'a number');
  return value;
}

/** Numbers, with NaN for null. */
export function numbers(value: unknown, length: number | undefined, what: string): readonly number[] {
  const values = list(value, what);
  if (length !== undefined && values.length !== length) throw wrong(what, `${length} long`);
  return values.map((item) => (item === null ? Number.NaN : number(item, what)));
}

const wrong = (what: string, expected: string) => new UnusableReadings(`${what} is not ${expected}`);
