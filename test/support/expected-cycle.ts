import { CATALOG, COUNTERS, GAUGES } from '../../lambda/domain/catalog.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';

/** What the simulator knows of its pods at one moment, and which of them a collector could read. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly time: number;
  /** Every pod there is. */
  readonly pods: ReadonlyMap<string, PodReading>;
  readonly unreadable: ReadonlySet<string>;
  /** By id of the subnet. */
  readonly subnets: ReadonlyMap<string, SubnetNow>;
  /** The same when the interfaces were last read. @default - now */
  readonly interfacesRead?: ReadonlyMap<string, SubnetNow>;
}

interface SubnetNow {
  readonly free: number;
  readonly usable: number;
  /** Whole free /28 blocks. */
  readonly freePrefixes: number;
  readonly reservedFreePrefixes: number;
  /** /28 prefixes that nodes hold. */
  readonly prefixes: number;
}

export const subnetsNow = (fleet: Pick<Fleet, 'subnets' | 'nodes'>): Moment['subnets'] =>
  new Map(
    fleet.subnets().map((subnet) => {
      const nodes = fleet.nodes().filter((node) => node.subnet === subnet);
      const cidrs = nodes.flatMap(({ pool }) => pool.enis.flatMap((eni) => eni.cidrs));
      const prefixes = cidrs.filter(({ text }) => text.endsWith('/28')).length;
      const { id, usable } = subnet;
      const freePrefixes = subnet.freePrefixes();
      const reservedFreePrefixes = subnet.reservedFreePrefixes();
      return [id, { free: subnet.free(), usable, freePrefixes, reservedFreePrefixes, prefixes }];
    }),
  );

/**
 * What the second cycle of a collector must publish, said from the simulator's side and from SEMANTICS alone:
 * no code of the collector takes part. Without collectDuration, which is the collector's own.
 */
export function expectedSecondCycle(first: Moment, second: Moment): Metric[] {
  const read = [...second.pods].filter(([pod]) => !second.unreadable.has(pod));
  const readings = read.map(([, reading]) => reading);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const gauge = (name: string) => {
    const position = GAUGES.findIndex((row) => row.name === name);
    return readings.map(({ gauges }) => gauges[position] || 0);
  };
  const increases = read.map(([pod, now]) => increaseOf(pod, now, first));
  const assigned = gauge('assignIPAddresses');
  const total = gauge('totalIPAddresses');
  const warm = total.map((addresses, index) => addresses - (assigned[index] ?? 0));
  const use = total.map((addresses, index) => (100 * (assigned[index] ?? 0)) / addresses);
  const values = [...new Set(use)].sort((a, b) => a - b);
  const calls = increases.flatMap(({ latencies }) => latencies);
  const means = calls.map(({ count, sum: ms }) => ms / count);
  const subnets = [...second.subnets];
  // A cycle reads the interfaces after it has published.
  const inUse = [...(first.interfacesRead ?? first.subnets).values()].filter(({ prefixes }) => prefixes > 0);

  const metrics = [
    ...GAUGES.map(({ name }) => ({ name, value: sum(gauge(name)) })),
    // No simulated node is one of SageMaker HyperPod.
    ...COUNTERS.filter(({ name }) => !name.startsWith('sagemaker')).map(({ name }, position) => ({
      name,
      value: sum(increases.map(({ counters }) => counters[position] ?? 0)),
    })),
    ...(calls.length === 0
      ? []
      : [
          {
            name: 'awsAPILatency',
            statistics: {
              sampleCount: sum(calls.map(({ count }) => count)),
              sum: sum(calls.map(({ sum: ms }) => ms)),
              minimum: Math.min(...means),
              maximum: Math.max(...means),
            },
          },
        ]),
    { name: 'warmIPAddresses', value: sum(warm) },
    { name: 'nodesWithoutWarmIPs', value: warm.filter((addresses) => addresses === 0).length },
    {
      name: 'nodeIPUtilization',
      values,
      counts: values.map((percent) => use.filter((other) => other === percent).length),
    },
    { name: 'ipamdRestarts', value: increases.filter(({ restarted }) => restarted).length },
    { name: 'awsNodePods', value: second.pods.size },
    { name: 'scrapedPods', value: read.length },
    { name: 'failedPods', value: second.pods.size - read.length },
    // Nothing has lasted for five minutes, and no subnet has the history of a day.
    { name: 'nodesUnread', value: 0 },
    { name: 'nodesRefusingPods', value: 0 },
    { name: 'nodesRestarting', value: 0 },
    ...subnets.map(([id, { free }]) => ({
      name: 'subnetAvailableIPs',
      value: free,
      dimensions: { SUBNET_ID: id },
    })),
    { name: 'subnetAvailableIPsMin', value: Math.min(...subnets.map(([, { free }]) => free)) },
    {
      name: 'subnetAvailablePercentMin',
      value: Math.min(...subnets.map(([, { free, usable }]) => (100 * free) / usable)),
    },
    ...(subnets.some(([, { free }]) => free === 0) ? [{ name: 'subnetHoursToExhaustion', value: 0 }] : []),
    ...(inUse.length === 0
      ? []
      : [
          {
            name: 'subnetFreePrefixesMin',
            value: Math.min(
              ...inUse.map(({ freePrefixes, reservedFreePrefixes }) => freePrefixes + reservedFreePrefixes),
            ),
          },
          {
            name: 'subnetsWithoutFreePrefixes',
            value: inUse.filter(
              ({ free, freePrefixes, reservedFreePrefixes }) =>
                freePrefixes + reservedFreePrefixes === 0 && free >= 16,
            ).length,
          },
        ]),
    // Nothing can have been left behind for two hours.
    { name: 'subnetLeakedIPs', value: 0 },
  ];
  return metrics.map((metric) => {
    const unit = CATALOG.find(({ name }) => name === metric.name)?.unit ?? 'Count';
    return { ...metric, unit };
  });
}

function increaseOf(pod: string, now: PodReading, first: Moment) {
  const before = first.pods.get(pod);
  const wasRead = before !== undefined && !first.unreadable.has(pod);
  const sameProcess = before?.startTime === now.startTime;
  // A pod of the first list that nobody could read then: its past is unknown, but not that of a later process.
  const isBaseline = before !== undefined && !wasRead && now.startTime * 1000 <= first.time;
  const base = wasRead && sameProcess ? before : undefined;
  const since = (value: number | undefined, last: number | undefined) =>
    isBaseline ? 0 : (value || 0) - (last || 0);
  return {
    restarted: wasRead && !sameProcess,
    counters: now.counters.map((value, position) => since(value, base?.counters[position])),
    latencies: now.latencies
      .map(({ api, count, sum }) => {
        const last = base?.latencies.find((row) => row.api === api);
        return { count: since(count, last?.count), sum: since(sum, last?.sum) };
      })
      .filter(({ count }) => count > 0),
  };
}
