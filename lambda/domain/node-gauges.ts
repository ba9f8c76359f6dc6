import { GAUGES, gaugeAt } from './catalog.ts';
import type { PodReading } from './pod-reading.ts';
import type { Unknown, WhyUnknown } from './unknown.ts';

/** What one node says about its addresses, without what cannot be true. */
export interface NodeGauges {
  /** By position in GAUGES; NaN: unknown. */
  readonly values: readonly number[];
  readonly unknown: readonly Unknown[];
  /** The node has IPv6 prefixes: its pool cannot run dry. */
  readonly ipv6: boolean;
  /** Its addresses in use and held contradict each other, or one of them has a value that ipamd cannot have. */
  readonly implausible: boolean;
}

export const IN_USE = gaugeAt('assignIPAddresses');
export const HELD = gaugeAt('totalIPAddresses');
const PREFIXES = gaugeAt('totalIPv4Prefixes');
const PER_CIDR = gaugeAt('totalAssignedIPv4sPerCidr');
const INTERFACES = gaugeAt('eniAllocated');

/** A node with an IPv6 /80 prefix adds this to awscni_total_ip_addresses. */
const IPV6_PREFIX_ADDRESSES = 2 ** 48;

/**
 * Decides which gauges of a node are known.
 * - Several network cards (ENABLE_MULTI_NIC): the gauges of addresses and interfaces are those of the card that was
 *   written last; the sum over the interfaces is right.
 * - More addresses in use than held: after a forced removal of an interface, ipamd subtracts its addresses and its
 *   prefixes twice.
 * - More addresses in use by CIDR than in use: after a forced removal, series of its CIDRs remain.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/pkg/ipamd/datastore/data_store.go (RemoveENIFromDataStore)
 */
export function nodeGauges(reading: PodReading): NodeGauges {
  const values = reading.gauges.slice();
  const unknown: Unknown[] = [];
  const leaveOut = (why: WhyUnknown, ...positions: readonly number[]) => {
    for (const position of positions) {
      const metric = GAUGES[position]?.name;
      if (metric === undefined || Number.isNaN(values[position])) continue;
      values[position] = Number.NaN;
      unknown.push({ metric, why });
    }
  };

  const implausible = values[IN_USE] === Infinity || values[HELD] === Infinity;
  GAUGES.forEach(({ name, family, labels, formerly }, position) => {
    const value = values[position] ?? Number.NaN;
    if (value === Infinity) leaveOut(whyInvalid(reading, family, formerly), position);
    else if (!Number.isNaN(value)) return;
    else if (labels.length > 0 && !reading.lacks.includes(family)) values[position] = 0;
    else unknown.push({ metric: name, why: 'family-missing' });
  });

  const { enis, inUseOnEnis } = reading.facts;
  const ipv6 = at(values, HELD) >= IPV6_PREFIX_ADDRESSES;
  if (ipv6) leaveOut('ipv6-node', HELD);
  if (enis > at(values, INTERFACES)) {
    values[IN_USE] = inUseOnEnis;
    leaveOut('several-network-cards', HELD, PREFIXES, INTERFACES);
  }
  const contradictory = at(values, IN_USE) > at(values, HELD);
  if (contradictory) leaveOut('implausible-gauges', HELD, PREFIXES);
  if (at(values, PER_CIDR) > at(values, IN_USE)) leaveOut('stale-series', PER_CIDR);
  return { values, unknown, ipv6, implausible: implausible || contradictory };
}

const at = (values: readonly number[], position: number): number => values[position] ?? Number.NaN;

function whyInvalid({ invalid }: PodReading, ...families: readonly (string | undefined)[]): WhyUnknown {
  return invalid.find(({ family }) => families.includes(family))?.why ?? 'invalid-value';
}
