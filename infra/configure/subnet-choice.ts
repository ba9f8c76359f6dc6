import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';
import { hasEgress } from './paths.ts';

/** Enough for a function that runs every minute; more would only multiply the cost of endpoints. */
const MAX_ZONES = 2;

/** The best private subnet of each zone that the cluster uses. */
export function chooseSubnets(cluster: ClusterFacts, vpc: VpcFacts): SubnetFacts[] {
  const zones = new Set(
    vpc.subnets.filter(({ id }) => cluster.subnetIds.includes(id)).map((subnet) => subnet.availabilityZone),
  );
  const usable = vpc.subnets.filter(
    ({ way, available, availabilityZone }) =>
      way !== 'internet-gateway' && available > 0 && zones.has(availabilityZone),
  );
  if (usable.length === 0)
    throw new Error(
      `${cluster.vpcId} has no private subnet with a free address in ${[...zones].join(', ')}. A function gets no public address, so it reaches nothing from a public subnet: create a private one, with a NAT gateway or with endpoints.`,
    );
  // All with a way out or none: a function that reaches CloudWatch from one zone only fails every second minute.
  const leaving = usable.filter(hasEgress);
  const ranked = (leaving.length > 0 ? leaving : usable).toSorted(
    (a, b) =>
      Number(a.isForPods) - Number(b.isForPods) ||
      Number(cluster.subnetIds.includes(b.id)) - Number(cluster.subnetIds.includes(a.id)) ||
      b.available - a.available ||
      a.id.localeCompare(b.id),
  );
  return [...zones]
    .sort()
    .flatMap((zone) => ranked.find(({ availabilityZone }) => availabilityZone === zone) ?? [])
    .slice(0, MAX_ZONES);
}

/** Why a subnet was chosen. */
export function reasonFor(
  { id, way, available, isForPods }: SubnetFacts,
  { subnetIds }: ClusterFacts,
): string {
  return [
    {
      nat: 'private, out through NAT',
      other: 'private, out through another network',
      none: 'private, no way out',
      'internet-gateway': '',
    }[way],
    subnetIds.includes(id) ? 'one of the cluster' : 'not one of the cluster',
    ...(isForPods ? ['shared with pods, because there is no other'] : []),
    `${available} free addresses`,
  ].join(', ');
}
