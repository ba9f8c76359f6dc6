import type { Random } from './random.ts';
import type { Rates } from './rates.ts';
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

/** What shares the subnets with the cluster. */
interface Neighborhood {
  list(): readonly Neighbor[];
  /** Interfaces come and go in the `ms` that end at `now`, epoch milliseconds. */
  step(now: number, ms: number): void;
}

/** What EC2 says of an interface beside its place and addresses. */
type Kind = Partial<Omit<Neighbor, 'id' | 'subnet' | 'cidrs'>>;

/** Addresses of each subnet that the second cluster's node holds, beside a prefix. */
const OTHER_NODE = 8;
/** How long a node of the second cluster and a task live, and how long its ipamd takes to find an interface that it lost. */
const NODE_LIFE_MS = 6 * 3_600_000;
const TASK_LIFE_MS = 3 * 3_600_000;
const UNATTACHED_MS = 40 * 60_000;
/** One task for so many usable addresses: more than one in every /28 block, once there are as many. */
const ADDRESSES_FOR_EACH_TASK = 25;

/**
 * A second cluster whose nodes come and go, load balancers, functions, and leaked interfaces of the cluster. Tasks
 * with one address each start and end, wherever an address is free: in the first hours the subnets fragment. A
 * sixteenth of the second subnet is reserved for prefixes, and a /28 of the first one for nothing.
 */
export function createNeighbors(
  subnets: readonly Subnet[],
  clusterName: string,
  random: Random,
  rates: Pick<Rates, 'leakedInterface'>,
): Neighborhood {
  const neighbor = (subnet: Subnet, cidrs: readonly string[], kind: Kind): Neighbor => ({
    id: random.id('eni'),
    subnet,
    type: 'interface',
    description: '',
    isAttached: true,
    tags: {},
    cidrs,
    ...kind,
  });
  const addresses = (subnet: Subnet, count: number) => subnet.takeAddresses(count) ?? [];
  const otherCluster = { 'eks:eks-cluster-name': `${clusterName}-2` };
  const otherNode = (subnet: Subnet) => {
    const prefix = subnet.takePrefix();
    const cidrs = [...addresses(subnet, OTHER_NODE), ...(prefix === undefined ? [] : [prefix])];
    return neighbor(subnet, cidrs, { instanceId: random.id('i'), tags: otherCluster });
  };
  const unattached = (subnet: Subnet, count: number, cluster: string) => {
    const terminated = random.id('i');
    return neighbor(subnet, addresses(subnet, count), {
      isAttached: false,
      description: `aws-K8S-${terminated}`,
      tags: { 'node.k8s.amazonaws.com/instance_id': terminated, 'cluster.k8s.amazonaws.com/name': cluster },
    });
  };

  reserve(subnets);
  const lasting = subnets.flatMap((subnet, index) => [
    neighbor(subnet, addresses(subnet, 2), { description: 'ELB app/shop/0a11ce' }),
    neighbor(subnet, addresses(subnet, 3), { type: 'lambda', description: 'AWS Lambda VPC ENI-orders' }),
    ...(index === 0 && rates.leakedInterface ? [unattached(subnet, 6, clusterName)] : []),
  ]);
  const passing = new Map(subnets.map((subnet) => [subnet, [otherNode(subnet)]]));
  const unattachedUntil = new Map<Neighbor, number>();

  const ends = (each: Neighbor, now: number, ms: number) => {
    const until = unattachedUntil.get(each);
    if (until !== undefined) return until <= now;
    return random.chance(ms / (each.instanceId === undefined ? TASK_LIFE_MS : NODE_LIFE_MS));
  };
  const stepIn = (subnet: Subnet, before: readonly Neighbor[], now: number, ms: number): Neighbor[] => {
    const staying: Neighbor[] = [];
    for (const each of before) {
      if (!ends(each, now, ms)) {
        staying.push(each);
        continue;
      }
      subnet.give(each.cidrs);
      unattachedUntil.delete(each);
      if (each.instanceId === undefined) continue;
      // The node is replaced, and one interface of the old one waits for the second cluster's ipamd.
      const left = unattached(subnet, 2, `${clusterName}-2`);
      unattachedUntil.set(left, now + UNATTACHED_MS);
      staying.push(otherNode(subnet), left);
    }
    if (random.chance((ms / TASK_LIFE_MS) * (subnet.usable / ADDRESSES_FOR_EACH_TASK))) {
      const address = subnet.takeAnywhere(random);
      if (address !== undefined)
        staying.push(neighbor(subnet, [address], { description: 'arn:aws:ecs:task' }));
    }
    return staying;
  };

  return {
    list: () => [...lasting, ...[...passing.values()].flat()],
    step(now, ms) {
      for (const [subnet, before] of passing) passing.set(subnet, stepIn(subnet, before, now, ms));
    },
  };
}

function reserve([first, second]: readonly Subnet[]): void {
  for (const [subnet, type, longer] of [
    [first, 'explicit', 32],
    [second, 'prefix', 4],
  ] as const) {
    if (!subnet) continue;
    const length = Number(subnet.cidr.split('/')[1]);
    subnet.reserve(type, 2 ** (31 - length), Math.min(28, length + longer));
  }
}
