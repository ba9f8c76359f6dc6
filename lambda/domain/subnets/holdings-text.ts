import { printable } from '../printable.ts';
import { latestTick, time } from '../state/ranges.ts';
import { list, parsed, record, string, UnusableState, whole } from '../state/shape.ts';
import {
  type Holdings,
  MAX_NAME_LENGTH,
  MAX_NAMES,
  type Reservation,
  UNKNOWN_REASONS,
  withNamesThatFit,
} from './holdings.ts';
import { type KnownHoldings, MAX_UNATTACHED } from './known-holdings.ts';

/** Changes when an older function would misread what a newer one writes: then the interfaces are read again. */
const VERSION = 1;
/** Of a VPC: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html, which can be raised. */
const MAX_SUBNETS = 1_000;
const MAX_RESERVATIONS = 10_000;
/** The largest IPv4 subnet is a /16. */
const MAX_ADDRESSES = 2 ** 16;
/** Of a subnet, and of its CIDR block. */
const MAX_ID_LENGTH = 32;
const LAST_ADDRESS = 2 ** 32 - 1;
const COUNTS = ['nodes', 'prefixes', 'leaked', 'free', 'freePrefixes', 'reservedFreePrefixes'] as const;

/** Some 300 bytes for each subnet. Stored as `loose` since the first version. */
export const holdingsToText = ({ unattached, ...known }: KnownHoldings): string =>
  JSON.stringify({ version: VERSION, ...known, loose: [...unattached] });

/**
 * Undefined where the text is not one that this function wrote: nothing is lost, since everything can be read again.
 * @param now epoch milliseconds
 */
export function holdingsFromText(text: string, now: number): KnownHoldings | undefined {
  try {
    return knownFrom(record(parsed(text), 'holdings'), latestTick(now));
  } catch (error) {
    if (error instanceof UnusableState) return undefined;
    throw error;
  }
}

function knownFrom(columns: Readonly<Record<string, unknown>>, latest: number): KnownHoldings {
  if (columns.version !== VERSION) throw new UnusableState('another version');
  return {
    at: time(columns.at, latest, 'at'),
    rows: withNamesThatFit(some(columns.rows, MAX_SUBNETS, 'rows').map(rowFrom)),
    left: some(columns.left, MAX_SUBNETS, 'left').map((value) => {
      const { subnet, why } = record(value, 'left');
      const reason = UNKNOWN_REASONS.find((known) => known === why);
      if (reason === undefined) throw new UnusableState('an unknown reason');
      return { subnet: name(subnet, MAX_ID_LENGTH), why: reason };
    }),
    unattached: new Map(
      some(columns.loose, MAX_UNATTACHED, 'loose').map((value) => {
        const [id, since] = list(value, 'loose');
        return [name(id), time(since, latest, 'loose')];
      }),
    ),
    reservations: some(columns.reservations, MAX_RESERVATIONS, 'reservations').map(reservationFrom),
    reservationsAt: time(columns.reservationsAt, latest, 'reservationsAt'),
  };
}

function rowFrom(value: unknown): Holdings {
  const row = record(value, 'rows');
  const counts = Object.fromEntries(
    COUNTS.map((count) => [count, whole(row[count], MAX_ADDRESSES, count)]),
  ) as Pick<Holdings, (typeof COUNTS)[number]>;
  return {
    subnet: name(row.subnet, MAX_ID_LENGTH),
    cidr: name(row.cidr, MAX_ID_LENGTH),
    ...counts,
    clusters: byName(row.clusters),
    others: byName(row.others),
    ...(row.largestFree !== undefined && { largestFree: whole(row.largestFree, 32, 'largestFree') }),
  };
}

function byName(value: unknown): Readonly<Record<string, number>> {
  const rows = Object.entries(record(value, 'holders'));
  if (rows.length > MAX_NAMES + 1) throw new UnusableState('more holders than are kept');
  return Object.fromEntries(rows.map(([key, count]) => [name(key), whole(count, MAX_ADDRESSES, 'holders')]));
}

function reservationFrom(value: unknown): Reservation {
  const { subnetId, type, range } = record(value, 'reservations');
  if (type !== 'prefix' && type !== 'explicit') throw new UnusableState('an unknown type');
  const { first, last } = record(range, 'range');
  return {
    subnetId: name(subnetId),
    type,
    range: { first: whole(first, LAST_ADDRESS, 'range'), last: whole(last, LAST_ADDRESS, 'range') },
  };
}

function some(value: unknown, most: number, what: string): readonly unknown[] {
  const rows = list(value, what);
  if (rows.length > most) throw new UnusableState(`${what} is longer than ${most}`);
  return rows;
}

function name(value: unknown, longest = MAX_NAME_LENGTH): string {
  const text = string(value, 'a name');
  if (text.length > longest) throw new UnusableState(`a name is longer than ${longest}`);
  if (text !== printable(text)) throw new UnusableState('a name is not printable');
  return text;
}
