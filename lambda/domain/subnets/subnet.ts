import { SUBNET_FREE, SUBNET_FREE_MIN, SUBNET_FREE_PERCENT_MIN } from '../catalog.ts';
import { type Metric, metricOf } from '../metric.ts';

/** A subnet as EC2 describes it. */
export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  /** Length of its IPv4 prefix, 16 to 28; undefined for an IPv6-only subnet. */
  readonly prefix: number | undefined;
  /** Absent for an IPv6-only subnet. */
  readonly cidr?: string;
  /** Account that owns it: another one if the subnet is shared. */
  readonly ownerId?: string;
  /** Free IPv4 addresses. A free address need not lie in a free /28 block. */
  readonly available: number;
  readonly tags: ReadonlyMap<string, string>;
}

/** What is known about the network of the cluster. */
export interface ClusterNetwork {
  readonly clusterName: string;
  /** Subnets that count regardless of their tags: those that EKS returns and those of SUBNET_IDS. */
  readonly subnetIds: readonly string[];
  /** Undefined if EKS was not asked: then the VPCs of the other subnets found are used. */
  readonly vpcId: string | undefined;
}

export const CLUSTER_TAG_PREFIX = 'kubernetes.io/cluster/';
export const KARPENTER_TAG = 'karpenter.sh/discovery';
/** Pods may take addresses from a subnet tagged 1 (https://github.com/aws/amazon-vpc-cni-k8s#enable_subnet_discovery-v1180). */
export const CNI_TAG = 'kubernetes.io/role/cni';

/** AWS reserves five addresses of each subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const RESERVED = 5;

/** Addresses of an IPv4 subnet that AWS does not reserve. */
export const usableAddresses = (prefix: number): number => 2 ** (32 - prefix) - RESERVED;

/**
 * The subnets of one cluster among `found`, each once, by ascending id. The tag of the CNI names no cluster, so it
 * counts only in the VPC of the cluster, and not if the subnet has only tags of other clusters: ipamd's rule.
 */
export function subnetsOf(network: ClusterNetwork, found: readonly Subnet[]): Subnet[] {
  const ids = new Set(network.subnetIds);
  const named = found.filter(
    ({ id, tags }) =>
      ids.has(id) ||
      tags.has(CLUSTER_TAG_PREFIX + network.clusterName) ||
      tags.get(KARPENTER_TAG) === network.clusterName,
  );
  const vpcs = new Set(network.vpcId === undefined ? named.map(({ vpcId }) => vpcId) : [network.vpcId]);
  const opened = found.filter(
    ({ vpcId, tags }) =>
      vpcs.has(vpcId) &&
      tags.get(CNI_TAG) === '1' &&
      ![...tags.keys()].some((key) => key.startsWith(CLUSTER_TAG_PREFIX)),
  );
  const byId = new Map([...named, ...opened].map((subnet) => [subnet.id, subnet]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Free addresses per subnet, and the worst subnet by count and by share of usable addresses; these can be two
 * different subnets. IPv6-only subnets have no IPv4 addresses and are left out.
 */
export function subnetMetrics(subnets: readonly Subnet[]): Metric[] {
  const rows = subnets.flatMap(({ id, prefix, available }) =>
    prefix === undefined ? [] : [{ id, available, percent: (100 * available) / usableAddresses(prefix) }],
  );
  if (rows.length === 0) return [];
  return [
    ...rows.map(({ id, available }) => ({
      name: SUBNET_FREE.name,
      unit: SUBNET_FREE.unit,
      dimensions: { SUBNET_ID: id },
      value: available,
    })),
    metricOf(SUBNET_FREE_MIN, Math.min(...rows.map(({ available }) => available))),
    metricOf(SUBNET_FREE_PERCENT_MIN, Math.min(...rows.map(({ percent }) => percent))),
  ];
}
