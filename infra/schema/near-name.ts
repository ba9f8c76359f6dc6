/** The name that `word` most likely means: it differs in case, in at most two characters, or is cut short. */
export function nearName(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  return names
    .map((name) => ({ name, distance: distanceBetween(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= 2 || name.toLowerCase().startsWith(lower))
    .toSorted((a, b) => a.distance - b.distance)
    .at(0)?.name;
}

/** Characters to insert, delete or replace (Levenshtein). */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, character] of [...a].entries()) {
    let diagonal = index;
    row = row.reduce<number[]>((next, above, column) => {
      const left = next.at(-1);
      next.push(
        left === undefined
          ? index + 1
          : Math.min(left + 1, above + 1, diagonal + (character === b[column - 1] ? 0 : 1)),
      );
      diagonal = above;
      return next;
    }, []);
  }
  return row.at(-1) ?? 0;
}
