/** The name under which those count together that are not named. */
export const ALL_OTHERS = 'all others';

/** The rows with the highest counts, and the other rows. A row with the name of the others is one of them. */
export function mostFrequent<Row extends readonly [name: string, unknown]>(
  rows: readonly Row[],
  most: number,
  countOf: (row: Row) => number,
): { readonly named: Row[]; readonly others: Row[] } {
  const named = rows
    .filter(([name]) => name !== ALL_OTHERS)
    .sort((a, b) => countOf(b) - countOf(a) || (a[0] < b[0] ? -1 : 1))
    .slice(0, most);
  const isNamed = new Set(named);
  return { named, others: rows.filter((row) => !isNamed.has(row)) };
}
