import { COUNTERS } from '../../lambda/domain/catalog.ts';

/** One counter series of ipamd: a family and the values of its labels. */
export interface Series {
  readonly family: string;
  /** As the text format writes it, up to the value. */
  readonly text: string;
  /** The catalog's counters it adds to, as positions in COUNTERS. */
  readonly counters: readonly number[];
}

const known = new Map<string, Series>();

/** The series of a family; the same object for the same labels. @param labels in the order of their names */
export function series(family: string, labels: Readonly<Record<string, string>> = {}): Series {
  const text = seriesText(family, labels);
  let found = known.get(text);
  if (!found) {
    const counters = COUNTERS.flatMap(({ family: of, select }, position) => {
      if (of !== family) return [];
      if (!select) return [position];
      const listed = select.values.includes(labels[select.label] ?? '');
      return listed === (select.is === 'one-of') ? [position] : [];
    });
    found = { family, text, counters };
    known.set(text, found);
  }
  return found;
}

/** As promhttp writes name and labels: backslash, quote and line feed escaped. */
export function seriesText(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([label, value]) =>
      `${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
