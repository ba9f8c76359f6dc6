import type { Fleet } from '../simulation/fleet.ts';
import type { Neighbor } from '../simulation/neighbors.ts';
import type { SimulatedNode } from '../simulation/simulated-node.ts';
import { type Ec2Action, type Ec2Resource, type Tags, tagSet } from './ec2-action.ts';
import type { XmlContent } from './xml.ts';

export interface InterfaceSeed {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly ownerId?: string;
  readonly type?: string;
  readonly description?: string;
  readonly isAttached?: boolean;
  readonly instanceId?: string;
  readonly tags?: Tags;
  /** Addresses, with or without /32, and /28 prefixes. */
  readonly cidrs: readonly string[];
}

/** The account of everything that is local. */
export const ACCOUNT_ID = '111122223333';

/** An interface as EC2 describes it. */
export function interfaceResource(seed: InterfaceSeed): Ec2Resource {
  const { id, subnetId, vpcId, ownerId = ACCOUNT_ID, type = 'interface', description = '', tags = {} } = seed;
  const { isAttached = true, instanceId } = seed;
  const ipv4 = seed.cidrs.filter((cidr) => !cidr.includes(':'));
  const addresses = ipv4.filter((cidr) => !cidr.endsWith('/28')).map((cidr) => cidr.replace('/32', ''));
  const attachment: XmlContent | undefined = isAttached
    ? {
        attachmentId: id.replace('eni-', 'eni-attach-'),
        instanceId,
        instanceOwnerId: ownerId,
        status: 'attached',
      }
    : undefined;
  const status = isAttached ? 'in-use' : 'available';
  return {
    filters: {
      'network-interface-id': id,
      'subnet-id': subnetId,
      'vpc-id': vpcId,
      status,
      'interface-type': type,
    },
    tags,
    xml: {
      networkInterfaceId: id,
      subnetId,
      vpcId,
      ownerId,
      status,
      description,
      interfaceType: type,
      privateIpAddress: addresses[0],
      attachment,
      privateIpAddressesSet: addresses.map((privateIpAddress, index) => ({
        privateIpAddress,
        primary: index === 0,
      })),
      ipv4PrefixSet: ipv4.filter((cidr) => cidr.endsWith('/28')).map((ipv4Prefix) => ({ ipv4Prefix })),
      tagSet: tagSet(tags),
    },
  };
}

interface ReservationSeed {
  readonly subnetId: string;
  readonly cidr: string;
  readonly type: 'prefix' | 'explicit';
}

export const reservationResource = ({ subnetId, cidr, type }: ReservationSeed): Ec2Resource => ({
  filters: { 'subnet-id': subnetId },
  tags: {},
  xml: { subnetId, cidr, reservationType: type, ownerId: ACCOUNT_ID },
});

/** @param interfaces called for each request, as are the reservations */
export const interfaceActions = (
  interfaces: () => readonly Ec2Resource[],
  reservations: () => readonly Ec2Resource[] = () => [],
): Readonly<Record<string, Ec2Action>> => ({
  DescribeNetworkInterfaces: { set: 'networkInterfaceSet', resources: interfaces },
  GetSubnetCidrReservations: {
    set: 'subnetIpv4CidrReservationSet',
    selectedBy: { SubnetId: 'subnet-id' },
    resources: reservations,
  },
});

/** All interfaces in the subnets of the simulated cluster. @param nodeTags of those of the nodes */
export const interfacesOf = (fleet: Fleet, vpcId: string, nodeTags: Tags = {}): readonly InterfaceSeed[] => [
  ...fleet
    .nodes()
    .flatMap((node) => interfacesOfNode(node, vpcId))
    .map((seed) => ({ ...seed, tags: { ...seed.tags, ...nodeTags } })),
  ...fleet.neighbors().map(({ subnet, ...rest }: Neighbor) => ({ ...rest, subnetId: subnet.id, vpcId })),
  ...fleet.subnets().map((subnet) => ({
    id: `eni-${subnet.id.slice('subnet-'.length)}`,
    subnetId: subnet.id,
    vpcId,
    type: 'lambda',
    description: 'AWS Lambda VPC ENI-batch',
    cidrs: subnet.heldByOthers(),
  })),
];

/** The first interface has the address of the node; ipamd tags those that it creates. */
function interfacesOfNode({ instanceId, ip, subnet, pool }: SimulatedNode, vpcId: string): InterfaceSeed[] {
  return pool.enis.map(({ id, cidrs }, index) => ({
    id,
    subnetId: subnet.id,
    vpcId,
    instanceId,
    description: index === 0 ? '' : `aws-K8S-${instanceId}`,
    tags: index === 0 ? {} : { 'node.k8s.amazonaws.com/instance_id': instanceId },
    cidrs: [...(index === 0 ? [ip] : []), ...cidrs.map(({ text }) => text)],
  }));
}
