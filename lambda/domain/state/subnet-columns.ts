import { quoted } from '../evidence.ts';
import { HOUR_MS, MAX_HISTORIES, MAX_RECENT, type SubnetHistory } from '../subnets/exhaustion.ts';
import { list, record, UnusableState, whole } from './shape.ts';
import type { State } from './state.ts';

/** The largest IPv4 subnet is a /16. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const MAX_FREE = 2 ** 16;
const MAX_ID_LENGTH = 64;

/** A subnet's history as stored: pairs instead of objects, since there are a hundred of them. */
export interface SubnetColumns {
  readonly hours: readonly (readonly [hour: number, lowest: number])[];
  readonly days: readonly (readonly [day: number, lowest: number])[];
  readonly recent: readonly (readonly [time: number, free: number])[];
  readonly before?: number;
}

export const subnetColumns = (
  subnets: ReadonlyMap<string, SubnetHistory>,
): Readonly<Record<string, SubnetColumns>> =>
  Object.fromEntries(
    Array.from(subnets, ([id, { hours, days, recent, before }]) => [
      id,
      {
        hours: hours.map(({ hour, lowest }) => [hour, lowest] as const),
        days: days.map(({ day, lowest }) => [day, lowest] as const),
        recent: recent.map(({ time, free }) => [time, free] as const),
        ...(before !== undefined && { before }),
      },
    ]),
  );

/**
 * Undefined if the state has no such column: an older function wrote it.
 * @param latest the latest time that a state may hold, epoch milliseconds
 * @throws UnusableState
 */
export function subnetsFrom(column: unknown, latest: number): State['subnets'] {
  if (column === undefined) return undefined;
  const histories = Object.entries(record(column, 'subnets'));
  if (histories.length > MAX_HISTORIES)
    throw new UnusableState(`of ${histories.length} subnets, more than ${MAX_HISTORIES}`);
  return new Map(
    histories.map(([id, value]) => {
      if (id.length > MAX_ID_LENGTH) throw new UnusableState(`of a subnet ${quoted(id)}, which is no ID`);
      const { hours, days, recent, before } = record(value, id);
      const history: SubnetHistory = {
        hours: pairs(hours, latest / HOUR_MS, id).map(([hour, lowest]) => ({ hour, lowest })),
        days: pairs(days, latest / HOUR_MS / 24, id).map(([day, lowest]) => ({ day, lowest })),
        recent: pairs(recent, latest, id).map(([time, free]) => ({ time, free })),
        ...(before !== undefined && { before: whole(before, MAX_FREE, id) }),
      };
      return [id, history];
    }),
  );
}

/** Times (hours, days, milliseconds) up to `latest`, each with free addresses. */
function pairs(value: unknown, latest: number, what: string): (readonly [number, number])[] {
  const rows = list(value, what);
  if (rows.length > MAX_RECENT) throw new UnusableState(`${what} has more than ${MAX_RECENT} readings`);
  return rows.map((row) => {
    const [at, free] = list(row, what);
    return [whole(at, latest, what), whole(free, MAX_FREE, what)] as const;
  });
}
