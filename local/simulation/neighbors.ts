import type { Random } from './random.ts';
import type { Subnet } from './subnet.ts';

/** An interface in the cluster's subnets that is none of its nodes'. */
export interface Neighbor {
  readonly id: string;
  readonly subnet: Subnet;
  readonly type: string;
  readonly description: string;
  readonly isAttached: boolean;
  readonly instanceId?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Addresses and /28 prefixes. */
  readonly cidrs: readonly string[];
}

/** Addresses of each subnet that the second cluster's node holds, beside a prefix. */
const OTHER_NODE = 8;

/** What shares the subnets with the cluster: a second cluster, load balancers, a function, and what its ipamd left behind. */
export function createNeighbors(
  subnets: readonly Subnet[],
  clusterName: string,
  random: Random,
): readonly Neighbor[] {
  const id = (kind: string) => `${kind}-0${hex(random)}${hex(random)}`;
  const neighbor = (
    subnet: Subnet,
    count: number,
    prefixes: number,
    rest: Partial<Omit<Neighbor, 'id' | 'subnet' | 'cidrs'>>,
  ): Neighbor => ({
    id: id('eni'),
    subnet,
    type: 'interface',
    description: '',
    isAttached: true,
    tags: {},
    cidrs: [
      ...(subnet.takeAddresses(count) ?? []),
      ...Array.from({ length: prefixes }).flatMap(() => subnet.takePrefix() ?? []),
    ],
    ...rest,
  });
  return subnets.flatMap((subnet, index) => {
    const gone = id('i');
    return [
      neighbor(subnet, OTHER_NODE, 1, {
        instanceId: id('i'),
        tags: { 'eks:eks-cluster-name': `${clusterName}-2` },
      }),
      neighbor(subnet, 2, 0, { description: 'ELB app/shop/0a11ce' }),
      neighbor(subnet, 3, 0, { type: 'lambda', description: 'AWS Lambda VPC ENI-orders' }),
      ...(index > 0
        ? []
        : [
            neighbor(subnet, 6, 0, {
              isAttached: false,
              description: `aws-K8S-${gone}`,
              tags: {
                'node.k8s.amazonaws.com/instance_id': gone,
                'cluster.k8s.amazonaws.com/name': clusterName,
              },
            }),
          ]),
    ];
  });
}

const hex = (random: Random): string =>
  random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');
