import { COUNTERS, GAUGES } from '../../lambda/domain/catalog.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import { seededRandom } from '../../local/simulation/random.ts';
import { NO_FACTS } from './reading.ts';

const APIS = [
  'AssignPrivateIpAddresses',
  'AttachNetworkInterface',
  'CreateNetworkInterface',
  'CreateTags',
  'DeleteNetworkInterface',
  'DescribeNetworkInterfaces',
  'DetachNetworkInterface',
  'GetMetadata',
  'ModifyNetworkInterfaceAttribute',
  'UnassignPrivateIpAddresses',
];

/**
 * The answers of many pods, every family of counters exposed by every one, and by process more of some events
 * than of others: requests in the ten thousands, errors below a hundred.
 */
export function manyPods(count: number, seed: number): ReadonlyMap<string, PodReading> {
  const random = seededRandom(seed);
  const upTo = (digits: number) => random.below(10 ** (1 + random.below(digits)));
  const letters = () =>
    Array.from({ length: 5 }, () => random.pick([...'bcdfghjklmnpqrstvwxz2456789'] as [string, ...string[]]));
  const pods = new Map<string, PodReading>();
  while (pods.size < count) {
    pods.set(`aws-node-${letters().join('')}`, {
      startTime: 1_767_000_000 + random.below(100_000_000) / 100,
      gauges: GAUGES.map(() => random.below(250)),
      counters: COUNTERS.map(({ name }) => 1 + upTo(/Err|force|noAvailable/.test(name) ? 2 : 5)),
      latencies: APIS.map((api) => ({ api, count: 1 + upTo(4), sum: 100 + upTo(6) })),
      invalid: [],
      lacks: [],
      facts: NO_FACTS,
    });
  }
  return pods;
}

/** The same pods a while later, a few events further. */
export function later(pods: ReadonlyMap<string, PodReading>, seed: number): ReadonlyMap<string, PodReading> {
  const random = seededRandom(seed);
  const some = () => random.below(20);
  return new Map(
    Array.from(pods, ([name, pod]) => [
      name,
      {
        ...pod,
        counters: pod.counters.map((total) => total + some()),
        latencies: pod.latencies.map((row) => ({
          ...row,
          count: row.count + 1 + some(),
          sum: row.sum + 30 * some(),
        })),
      },
    ]),
  );
}
