import type { NetworkInterface } from './network-interface.ts';
import { CLUSTER_TAG_PREFIX } from './subnet.ts';

/** Who holds the addresses of an interface: a cluster, or a resource of this kind. */
export type Owner = { readonly cluster: string } | { readonly kind: string };

/** The tags whose value names the cluster: of the CNI with CLUSTER_NAME, of Karpenter and Auto Mode, of managed groups.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/pkg/awsutils/awsutils.go */
const CLUSTER_TAGS = ['cluster.k8s.amazonaws.com/name', 'eks:eks-cluster-name', 'eks:cluster-name'];
/** The CNI names the instance for which it created an interface, even if that is no longer attached. */
const INSTANCE_TAG = 'node.k8s.amazonaws.com/instance_id';
/** Interfaces of pods with security groups of their own are attached to the trunk interface of the node.
 * https://github.com/aws/amazon-vpc-resource-controller-k8s */
const TRUNK_TAG = 'vpcresources.k8s.aws/trunk-eni-id';

const NAMED_TAGS: ReadonlySet<string> = new Set([...CLUSTER_TAGS, INSTANCE_TAG, TRUNK_TAG]);
/** A tag whose key names a cluster counts only alone: a second one is enough to know that it does not. */
const MAX_OWNED = 2;

/**
 * The tags of an interface that say who owns it. A node can set 50 tags of 384 characters on every interface, which are
 * too much for the memory of a function.
 */
export function ownerTags(
  tags: readonly (readonly [key: string, value: string])[],
): ReadonlyMap<string, string> {
  const owned = tags.filter(([key, value]) => key.startsWith(CLUSTER_TAG_PREFIX) && value === 'owned');
  return new Map([...tags.filter(([key]) => NAMED_TAGS.has(key)), ...owned.slice(0, MAX_OWNED)]);
}

/** What the descriptions of interfaces of type `interface` begin with, and what they are then. */
const DESCRIPTIONS: readonly (readonly [start: string, kind: string])[] = [
  ['Amazon EKS ', 'eks_control_plane'],
  ['ELB ', 'load_balancer'],
  ['RDSNetworkInterface', 'rds'],
  ['EFS mount target', 'efs'],
  ['ElastiCache ', 'elasticache'],
  ['AWS Lambda VPC ENI', 'lambda'],
];

/**
 * The owner of each interface, by its id. An interface with the address of an aws-node pod makes its instance a node of
 * this cluster, with all interfaces of that instance; otherwise tags decide. One interface that names the cluster
 * decides for its instance.
 * @param podAddresses of the aws-node pods of this cluster, each the primary address of a node
 */
export function ownersOf(
  interfaces: readonly NetworkInterface[],
  clusterName: string,
  podAddresses: ReadonlySet<number>,
): ReadonlyMap<string, Owner> {
  const instances = instancesOf(interfaces);
  const clusters = new Map<string, string>();
  for (const each of interfaces) {
    const instance = instances.get(each.id);
    const cluster = clusterOf(each);
    if (instance !== undefined && cluster !== undefined) clusters.set(instance, cluster);
  }
  for (const { id, ranges } of interfaces) {
    const instance = instances.get(id);
    const isNode = ranges.some(({ first, last }) => first === last && podAddresses.has(first));
    if (instance !== undefined && isNode) clusters.set(instance, clusterName);
  }
  return new Map(
    interfaces.map((each) => {
      const cluster = clusters.get(instances.get(each.id) ?? '') ?? clusterOf(each);
      return [each.id, cluster === undefined ? { kind: kindOf(each) } : { cluster }];
    }),
  );
}

/** By id of the interface: the instance that it belongs to. */
function instancesOf(interfaces: readonly NetworkInterface[]): ReadonlyMap<string, string> {
  const instances = new Map<string, string>();
  for (const { id, instanceId, tags } of interfaces) {
    const instance = instanceId ?? tags.get(INSTANCE_TAG);
    if (instance !== undefined) instances.set(id, instance);
  }
  for (const { id, tags } of interfaces) {
    const instance = instances.get(tags.get(TRUNK_TAG) ?? '');
    if (instance !== undefined) instances.set(id, instance);
  }
  return instances;
}

function clusterOf({ tags }: NetworkInterface): string | undefined {
  for (const key of CLUSTER_TAGS) {
    const cluster = tags.get(key);
    if (cluster) return cluster;
  }
  const owned = [...tags].filter(([key, value]) => key.startsWith(CLUSTER_TAG_PREFIX) && value === 'owned');
  return owned.length === 1 ? owned[0]?.[0].slice(CLUSTER_TAG_PREFIX.length) : undefined;
}

function kindOf({ type, description, instanceId, tags }: NetworkInterface): string {
  if (tags.has(INSTANCE_TAG)) return 'cni';
  if (type !== 'interface') return type;
  const [, kind] = DESCRIPTIONS.find(([start]) => description.startsWith(start)) ?? [];
  return kind ?? (instanceId === undefined ? type : 'instance');
}

/** Whether ipamd created it and nothing uses it: only a leak if it stays so. */
export const isUnattached = ({ isAvailable, tags }: NetworkInterface): boolean =>
  isAvailable && tags.has(INSTANCE_TAG);
