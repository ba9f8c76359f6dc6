import { latestTick } from '../state/ranges.ts';
import type { KnownHoldings } from './known-holdings.ts';

/** Changes when an older function would misread what a newer one writes: then the interfaces are read again. */
const VERSION = 1;
const COUNTS = ['nodes', 'prefixes', 'leaked', 'free', 'freePrefixes', 'reservedFreePrefixes'];

/** Some 300 bytes for each subnet. */
export const holdingsToText = ({ loose, ...known }: KnownHoldings): string =>
  JSON.stringify({ version: VERSION, ...known, loose: [...loose] });

/**
 * Undefined where the text is not one that this function wrote: nothing is lost, since everything can be read again.
 * @param now epoch milliseconds
 */
export function holdingsFromText(text: string, now: number): KnownHoldings | undefined {
  try {
    const { version, loose, ...known } = JSON.parse(text);
    const isUsable =
      version === VERSION &&
      [known.at, known.reservationsAt].every((time) => time >= 0 && time <= latestTick(now)) &&
      known.rows.every(isRow) &&
      [known.left, known.reservations].every(Array.isArray) &&
      loose.every(([id, since]: unknown[]) => typeof id === 'string' && Number.isFinite(since));
    return isUsable ? { ...known, loose: new Map(loose) } : undefined;
  } catch {
    return undefined;
  }
}

const isRow = (row: Readonly<Record<string, unknown>>): boolean =>
  typeof row.subnet === 'string' && COUNTS.every((count) => Number.isSafeInteger(row[count]));
