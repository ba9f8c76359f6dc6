import { SUBNET_FREE_PREFIXES_MIN, SUBNET_LEAKED, SUBNETS_WITHOUT_FREE_PREFIXES } from '../catalog.ts';
import { type Metric, metricOf } from '../metric.ts';
import type { Holdings, HoldingsTable, Reservation } from './holdings.ts';
import type { NetworkInterface } from './network-interface.ts';
import { isUnattached } from './owners.ts';
import { PREFIX_ADDRESSES } from './ranges.ts';
import type { Subnet } from './subnet.ts';

/** What was known of the subnets when their interfaces were last read. */
export interface KnownHoldings extends HoldingsTable {
  /** When they were read, epoch milliseconds. */
  readonly at: number;
  /** Interfaces of ipamd that nothing uses, by id: since when, epoch milliseconds. */
  readonly unattached: ReadonlyMap<string, number>;
  readonly reservations: readonly Reservation[];
  readonly reservationsAt: number;
}

/** Each ipamd deletes unattached interfaces of its VPC every hour, so what lasts for two hours will stay. The tag createdAt
 * is no help: it is the time of creation, not of detachment.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/pkg/awsutils/awsutils.go */
const LEAK_MS = 2 * 3_600_000;
/** Unattached interfaces that are remembered, so that the stored text stays small. */
export const MAX_UNATTACHED = 2_000;
/** Older holdings say nothing about now; METRIC_UPDATE_INTERVAL is an hour at most. */
const MAX_AGE_MS = 65 * 60_000;

/** Since when each interface is unattached. @param now epoch milliseconds */
export function unattachedSince(
  interfaces: readonly NetworkInterface[],
  before: KnownHoldings['unattached'],
  now: number,
): ReadonlyMap<string, number> {
  const unattached = interfaces.filter(isUnattached).map(({ id }) => [id, before.get(id) ?? now] as const);
  return new Map(
    unattached.sort(([a, since], [b, other]) => since - other || (a < b ? -1 : 1)).slice(0, MAX_UNATTACHED),
  );
}

export const leakedOf = (unattached: KnownHoldings['unattached'], now: number): ReadonlySet<string> =>
  new Set([...unattached].filter(([, since]) => now - since >= LEAK_MS).map(([id]) => id));

/** The same holdings, unless they are too old. */
export const currentAt = (known: KnownHoldings | undefined, now: number): KnownHoldings | undefined =>
  known && now - known.at <= MAX_AGE_MS ? known : undefined;

/**
 * Only what concerns these subnets, each once: the stored text can name any. Where no subnet could be read, all of it.
 */
export function holdingsIn(known: KnownHoldings, subnets: readonly Subnet[]): KnownHoldings {
  if (subnets.length === 0) return known;
  const of = <Row extends { readonly subnet: string }>(all: readonly Row[]) => {
    const byId = new Map(all.map((row) => [row.subnet, row]));
    return subnets.flatMap(({ id }) => byId.get(id) ?? []);
  };
  return { ...known, rows: of(known.rows), left: of(known.left) };
}

const freePrefixes = ({ freePrefixes, reservedFreePrefixes }: Holdings) =>
  freePrefixes + reservedFreePrefixes;

/**
 * The metrics of the cluster: addresses of leaked interfaces and, where nodes of the cluster hold prefixes, what is left
 * of these. Subnets from which no node holds a prefix do not count there.
 */
export function holdingsMetrics(rows: readonly Holdings[]): Metric[] {
  if (rows.length === 0) return [];
  const inUse = rows.filter(({ prefixes }) => prefixes > 0);
  // Fewer free addresses could not hold a prefix anyway.
  const fragmented = inUse.filter((row) => freePrefixes(row) === 0 && row.free >= PREFIX_ADDRESSES);
  return [
    ...(inUse.length === 0
      ? []
      : [
          metricOf(SUBNET_FREE_PREFIXES_MIN, Math.min(...inUse.map(freePrefixes))),
          metricOf(SUBNETS_WITHOUT_FREE_PREFIXES, fragmented.length),
        ]),
    metricOf(
      SUBNET_LEAKED,
      rows.reduce((sum, { leaked }) => sum + leaked, 0),
    ),
  ];
}
