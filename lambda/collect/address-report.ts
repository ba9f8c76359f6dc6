import type { Holdings, HoldingsTable } from '../domain/subnets/holdings.ts';
import type { KnownHoldings } from '../domain/subnets/known-holdings.ts';

/** Who held the addresses of each subnet when the interfaces were last read. */
export interface AddressReport {
  /** When that was, ISO 8601, and how many minutes ago. */
  readonly time: string;
  readonly ageMinutes: number;
  readonly subnets: readonly Holdings[];
  /** Subnets about which nothing can be said: of another account, with addresses that no visible interface holds, or without IPv4 addresses. */
  readonly unknown?: HoldingsTable['left'];
}

/** @param now epoch milliseconds */
export const addressReport = ({ at, rows, left }: KnownHoldings, now: number): AddressReport => ({
  time: new Date(at).toISOString(),
  ageMinutes: Math.max(0, Math.round((now - at) / 60_000)),
  subnets: rows,
  ...(left.length > 0 && { unknown: left }),
});
