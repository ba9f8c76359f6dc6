import { ALL_OTHERS, mostFrequent } from '../all-others.ts';
import { printable } from '../printable.ts';
import type { NetworkInterface } from './network-interface.ts';
import { isUnattached, type Owner, ownersOf } from './owners.ts';
import {
  blocksIn,
  largestBlock,
  PREFIX_ADDRESSES,
  type Range,
  rangeOf,
  sizeOf,
  within,
  without,
} from './ranges.ts';
import type { Subnet } from './subnet.ts';

/** A range of a subnet from which EC2 assigns only prefixes, or nothing by itself.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html */
export interface Reservation {
  readonly subnetId: string;
  readonly type: 'prefix' | 'explicit';
  readonly range: Range;
}

/** Who holds the addresses of one subnet, and what is free in it. */
export interface Holdings {
  readonly subnet: string;
  readonly cidr: string;
  /** Held by nodes of this cluster, leaked ones aside: addresses (16 for each prefix), and how many prefixes. */
  readonly nodes: number;
  readonly prefixes: number;
  /** Addresses held by other clusters, by their name. */
  readonly clusters: Readonly<Record<string, number>>;
  /** Addresses held by everything else, by the type of the interface. */
  readonly others: Readonly<Record<string, number>>;
  /** Addresses of interfaces that ipamd created and that have been attached to nothing for two hours. */
  readonly leaked: number;
  /** Free addresses outside of all reservations. */
  readonly free: number;
  /** Whole free /28 blocks outside of all reservations. EC2 may refuse some of them. */
  readonly freePrefixes: number;
  /** Whole free /28 blocks in reservations of type prefix, from which EC2 takes prefixes first. */
  readonly reservedFreePrefixes: number;
  /** Length of the largest free CIDR block outside of reservations; absent if nothing is free. */
  readonly largestFree?: number;
}

/**
 * `shared`: of another account, which sees interfaces that this one does not. `unseen`: some addresses are taken by
 * resources without a visible interface. `ipv6-only`: it has no IPv4 addresses.
 */
export const UNKNOWN_REASONS = ['shared', 'unseen', 'ipv6-only'] as const;
type UnknownReason = (typeof UNKNOWN_REASONS)[number];

export interface HoldingsTable {
  readonly rows: readonly Holdings[];
  /** Subnets about which nothing can be said. */
  readonly left: readonly { readonly subnet: string; readonly why: UnknownReason }[];
}

/** What is known of the subnets at one moment. */
export interface NetworkSnapshot {
  readonly clusterName: string;
  /** With the free addresses before and after the interfaces were read. */
  readonly subnets: readonly (Subnet & { readonly availableBefore: number })[];
  readonly interfaces: readonly NetworkInterface[];
  readonly reservations: readonly Reservation[];
  /** Of the aws-node pods. */
  readonly podAddresses: readonly string[];
  /** Interfaces that have been unattached for long enough. */
  readonly leaked: ReadonlySet<string>;
}

/** The rows by ascending id of the subnet. */
export function holdingsOf(snapshot: NetworkSnapshot): HoldingsTable {
  const pods = new Set(snapshot.podAddresses.flatMap((address) => rangeOf(address)?.first ?? []));
  const owners = ownersOf(snapshot.interfaces, snapshot.clusterName, pods);
  const rows: Holdings[] = [];
  const left: { subnet: string; why: UnknownReason }[] = [];
  for (const subnet of snapshot.subnets) {
    const row = rowOf(subnet, owners, snapshot);
    if (typeof row === 'string') left.push({ subnet: subnet.id, why: row });
    else rows.push(row);
  }
  return { rows: withNamesThatFit(rows), left };
}

/** Who holds the addresses of one subnet, or why nothing can be said about it. */
function rowOf(
  subnet: NetworkSnapshot['subnets'][number],
  owners: ReadonlyMap<string, Owner>,
  snapshot: NetworkSnapshot,
): Holdings | UnknownReason {
  const { id, cidr = '' } = subnet;
  const whole = rangeOf(cidr);
  if (whole === undefined) return 'ipv6-only';
  const inside = snapshot.interfaces.filter(({ subnetId }) => subnetId === id);
  if (isShared(subnet, inside)) return 'shared';
  const reservations = snapshot.reservations.filter(({ subnetId }) => subnetId === id);
  const free = freeOf(whole, inside, reservations);
  if (!agrees(subnet, free)) return 'unseen';
  return { subnet: id, cidr, ...held(inside, owners, snapshot), ...countsOf(free) };
}

/** A participant of a shared subnet sees only its own interfaces.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-permissions.html */
const isShared = ({ ownerId }: Subnet, inside: readonly NetworkInterface[]): boolean =>
  ownerId !== undefined && inside.length > 0 && inside.every((each) => each.ownerId !== ownerId);

interface Free {
  readonly outside: readonly Range[];
  readonly forPrefixes: readonly Range[];
  readonly explicit: readonly Range[];
}

/** AWS keeps the first four addresses and the last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
function freeOf(
  { first, last }: Range,
  inside: readonly NetworkInterface[],
  reservations: readonly Reservation[],
): Free {
  const free = without(
    [{ first: first + 4, last: last - 1 }],
    inside.flatMap(({ ranges }) => ranges),
  );
  const reserved = (type: Reservation['type']) =>
    reservations.filter((each) => each.type === type).map(({ range }) => range);
  return {
    outside: without(free, [...reserved('prefix'), ...reserved('explicit')]),
    forPrefixes: within(free, reserved('prefix')),
    explicit: within(free, reserved('explicit')),
  };
}

const countsOf = ({ outside, forPrefixes }: Free) => {
  const largest = largestBlock(outside);
  return {
    free: sizeOf(outside),
    freePrefixes: blocksIn(outside),
    reservedFreePrefixes: blocksIn(forPrefixes),
    ...(largest !== undefined && { largestFree: largest }),
  };
};

/** Addresses that may come and go while the interfaces are read: one prefix, and little of a small subnet. */
const toleranceOf = (prefix: number): number => Math.min(16, Math.floor(2 ** (32 - prefix) / 20));

/**
 * Whether the free addresses are those that EC2 counts. AWS does not document whether reserved addresses are available;
 * it was observed that they are not (https://github.com/aws-samples/sample-apex-skills/issues/223), so both counts agree.
 */
function agrees(
  { available, availableBefore, prefix = 32 }: NetworkSnapshot['subnets'][number],
  { outside, forPrefixes, explicit }: Free,
): boolean {
  const free = sizeOf(outside);
  const tolerance = toleranceOf(prefix);
  const least = Math.min(available, availableBefore) - tolerance;
  const most = Math.max(available, availableBefore) + tolerance;
  return [free, free + sizeOf(forPrefixes) + sizeOf(explicit)].some(
    (count) => count >= least && count <= most,
  );
}

function held(
  inside: readonly NetworkInterface[],
  owners: ReadonlyMap<string, Owner>,
  { clusterName, leaked: leaks }: NetworkSnapshot,
): Pick<Holdings, 'nodes' | 'prefixes' | 'clusters' | 'others' | 'leaked'> {
  const clusters = new Map<string, number>();
  const others = new Map<string, number>();
  let nodes = 0;
  let prefixes = 0;
  let leaked = 0;
  const add = (to: Map<string, number>, name: string, count: number) => {
    const shown = printable(name).slice(0, MAX_NAME_LENGTH).toWellFormed();
    to.set(shown, (to.get(shown) ?? 0) + count);
  };
  for (const each of inside) {
    const count = sizeOf(each.ranges);
    const owner = owners.get(each.id);
    if (isUnattached(each) && leaks.has(each.id)) leaked += count;
    else if (owner && 'kind' in owner) add(others, owner.kind, count);
    else if (owner && owner.cluster !== clusterName) add(clusters, owner.cluster, count);
    else {
      nodes += count;
      prefixes += each.ranges.filter(({ first, last }) => last - first + 1 === PREFIX_ADDRESSES).length;
    }
  }
  return { nodes, prefixes, clusters: byName(clusters), others: byName(others), leaked };
}

/** Other clusters, and kinds of other holders, that are named for each subnet: tags can hold any number of names. */
export const MAX_NAMES = 20;
/** EC2 accepts tag values of 256 characters: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html */
export const MAX_NAME_LENGTH = 256;
/**
 * Of all subnets together. The report is one line of the log, and CloudWatch Logs takes 1 MB for a line: 20 names of 256
 * characters for each of 200 subnets would be more than two.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_NAMES_BYTES = 128 * 1024;

function byName(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const { named, others } = mostFrequent([...counts], MAX_NAMES, ([, count]) => count);
  return {
    ...Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))),
    ...together(others.map(([, count]) => count)),
  };
}

function together(counts: readonly number[]): Readonly<Record<string, number>> {
  const sum = counts.reduce((total, count) => total + count, 0);
  return sum > 0 ? { [ALL_OTHERS]: sum } : {};
}

/** The same numbers. Where the names of other clusters, or of other holders, are too long, none of them is named. */
export const withNamesThatFit = (rows: readonly Holdings[]): readonly Holdings[] =>
  (['clusters', 'others'] as const).reduce(thatFit, rows);

const utf8 = new TextEncoder();

function thatFit(rows: readonly Holdings[], holders: 'clusters' | 'others'): readonly Holdings[] {
  const bytes = rows.reduce((sum, row) => sum + utf8.encode(JSON.stringify(row[holders])).length, 0);
  if (bytes <= MAX_NAMES_BYTES) return rows;
  return rows.map((row) => ({ ...row, [holders]: together(Object.values(row[holders])) }));
}
