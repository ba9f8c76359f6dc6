/**
 * A sum that does not round, so that the order of the pods cannot change a digit. Holds the exact total as floating-point
 * numbers that do not overlap (Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997); for whole numbers below
 * 2^53 this is a single number.
 */
export type ExactSum = number[];

/** Adds a finite `value` in place. Magnitudes must stay below 1e300, or a part could overflow. */
export function addExactly(sum: ExactSum, value: number): void {
  const only = sum[0] ?? 0;
  // Nearly always: whole numbers whose total stays below 2^53 need no second part.
  if (
    sum.length < 2 &&
    Number.isSafeInteger(only) &&
    Number.isSafeInteger(value) &&
    Number.isSafeInteger(only + value)
  ) {
    sum[0] = only + value;
    return;
  }
  let high = value;
  let kept = 0;
  for (const part of sum) {
    const [large, small] = Math.abs(high) < Math.abs(part) ? [part, high] : [high, part];
    high = large + small;
    const low = small - (high - large);
    if (low !== 0) {
      sum[kept] = low;
      kept += 1;
    }
  }
  sum.length = kept;
  if (high !== 0) sum.push(high);
}

/** The total, rounded once, half to even. */
export function totalOf(sum: Readonly<ExactSum>): number {
  let index = sum.length - 1;
  let total = sum[index] ?? 0;
  while (index > 0) {
    const before = total;
    index -= 1;
    const part = sum[index] ?? 0;
    total = before + part;
    const lost = part - (total - before);
    if (lost === 0) continue;
    // Half to even: the next lower part decides a tie.
    const next = sum[index - 1] ?? 0;
    if (lost < 0 === next < 0 && next !== 0 && total + 2 * lost - total === 2 * lost) total += 2 * lost;
    break;
  }
  return total;
}
