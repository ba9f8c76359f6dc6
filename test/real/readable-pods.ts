import type { RealCluster } from './cluster.ts';
import type { IpamdPod } from './ipamd.ts';
import { NETWORKS } from './network.ts';
import { createPod, type RealPod } from './pods.ts';

/** Requests for an address, and the series of other counters. */
export const ADDS = 'awscni_add_ip_req_count';

const PARALLEL = 16;

/** A pod whose ipamd answers; 250 in each network of the third byte. */
export const readablePod = (number: number): RealPod => ({
  name: `aws-node-${String(number).padStart(4, '0')}`,
  ip: `${NETWORKS.local}.${Math.floor(number / 250)}.${(number % 250) + 1}`,
  node: `node-${number}`,
});

/** Creates pods that hold 12 addresses, of which 4 are in use. */
export async function createReadablePods({ admin, ipamd }: RealCluster, count: number): Promise<RealPod[]> {
  const pods = Array.from({ length: count }, (_, number) => readablePod(number));
  const values = {
    awscni_assigned_ip_addresses: 4,
    awscni_total_ip_addresses: 12,
    awscni_eni_allocated: 2,
    awscni_eni_max: 3,
    awscni_ip_max: 30,
    [ADDS]: 100,
  };
  await ipamd.set(Object.fromEntries(pods.map(({ ip }) => [ip, { values, mode: '', start: 1_790_000_000 }])));
  const rest = [...pods];
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let pod = rest.pop(); pod; pod = rest.pop()) await createPod(admin, pod);
    }),
  );
  return pods;
}

/** One more request for an address in each pod. */
export const addOne = ({ ipamd }: RealCluster, pods: readonly RealPod[]): Promise<void> =>
  ipamd.add(Object.fromEntries(pods.map(({ ip }): [string, IpamdPod] => [ip, { values: { [ADDS]: 1 } }])));
