/** IPv4 addresses from `first` to `last`, both included, as unsigned 32-bit numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Length of the prefixes that EC2 assigns to network interfaces.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html */
const PREFIX_LENGTH = 28;
export const PREFIX_ADDRESSES = 2 ** (32 - PREFIX_LENGTH);

/** @param text an IPv4 address, or a CIDR whose host bits need not be 0 @returns undefined if it is neither */
export function rangeOf(text: string): Range | undefined {
  const [, a, b, c, d, bits = '32'] =
    /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const bytes = [a, b, c, d].map(Number);
  if (!bytes.every((byte) => byte <= 255) || Number(bits) > 32) return undefined;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - Number(bits));
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** The same addresses as few ranges as possible: ascending, none overlaps or touches the next. */
export function union(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && range.first <= before.last + 1)
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    else merged.push(range);
  }
  return merged;
}

/** The addresses of `ranges` that are not in `taken`. */
export function without(ranges: readonly Range[], taken: readonly Range[]): Range[] {
  const holes = union(taken);
  const left: Range[] = [];
  let hole = 0;
  for (const { first, last } of union(ranges)) {
    let next = first;
    for (; hole < holes.length; hole += 1) {
      const { first: from, last: to } = holes[hole] ?? { first, last };
      if (from > last) break;
      if (from > next) left.push({ first: next, last: from - 1 });
      next = Math.max(next, to + 1);
      // It may reach into the next range.
      if (to > last) break;
    }
    if (next <= last) left.push({ first: next, last });
  }
  return left;
}

/** The addresses that are both in `ranges` and in `others`. */
export const within = (ranges: readonly Range[], others: readonly Range[]): Range[] =>
  without(ranges, without(ranges, others));

/** How many addresses. */
export const sizeOf = (ranges: readonly Range[]): number =>
  union(ranges).reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** How many whole CIDR blocks of this length lie in the ranges. */
export function blocksIn(ranges: readonly Range[], length = PREFIX_LENGTH): number {
  const size = 2 ** (32 - length);
  return union(ranges).reduce(
    (sum, { first, last }) => sum + Math.max(0, Math.floor((last + 1) / size) - Math.ceil(first / size)),
    0,
  );
}

/** Length of the largest CIDR block that lies in the ranges; undefined if they are empty. */
export function largestBlock(ranges: readonly Range[]): number | undefined {
  for (let length = 16; length <= 32; length += 1) if (blocksIn(ranges, length) > 0) return length;
  return undefined;
}
