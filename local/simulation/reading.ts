import { GAUGES } from '../../lambda/domain/catalog.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { STATIC_FACTS } from './static-families.ts';

/** By family: the gauge, or the sum of its series where it has labels; NaN: it has no series. */
export function gaugesOf({ pool, process, type, mode }: SimulatedNode) {
  const perEni = (type.addressesPerEni - 1) * (mode === 'secondary' ? 1 : 16);
  const exposed =
    pool.forgotten.size > 0 || pool.enis.some(({ cidrs }) => cidrs.some((cidr) => cidr.exposed));
  let cidrs = 0;
  for (const eni of pool.enis) cidrs += eni.cidrs.length;
  return {
    awscni_assigned_ip_addresses: pool.assigned(),
    awscni_total_ip_addresses: pool.total(),
    awscni_total_ipv4_prefixes: mode === 'prefix' ? cidrs : 0,
    // ipamd keeps no such series for IPv6.
    awscni_assigned_ip_per_cidr: exposed && mode !== 'ipv6' ? pool.assigned() : Number.NaN,
    awscni_eni_allocated: pool.enis.length,
    awscni_eni_max: type.enis,
    awscni_ip_max: type.enis * perEni,
    awscni_ipamd_action_inprogress: process.underWay(),
  };
}

/** What a collector reads of a node now, without going through the text. */
export function readingOf(node: SimulatedNode): PodReading {
  const gauges: Readonly<Record<string, number>> = gaugesOf(node);
  return {
    startTime: node.process.startTime,
    gauges: GAUGES.map(({ family }) => gauges[family] ?? Number.NaN),
    counters: node.process.counters.slice(),
    latencies: node.process.byApi.map((row) => ({ ...row })),
    invalid: [],
    lacks: [],
    facts: {
      ...STATIC_FACTS,
      enis: node.pool.enis.length,
      inUseOnEnis: node.pool.assigned(),
    },
  };
}
