import type { Fleet } from '../simulation/fleet.ts';
import { type Ec2Action, type Ec2Resource, type Tags, tagSet } from './ec2-action.ts';
import {
  ACCOUNT_ID,
  interfaceActions,
  interfaceResource,
  interfacesOf,
  reservationResource,
} from './network-interfaces.ts';

/** Where the embedded cluster's nodes are. */
export const VPC_ID = 'vpc-0a11ce00000000000';
export const SECURITY_GROUP_ID = 'sg-0a11ce00000000000';

export interface SubnetSeed {
  readonly id: string;
  readonly vpcId: string;
  /** Undefined for an IPv6-only subnet. */
  readonly cidr?: string;
  readonly zone?: string;
  readonly available: number;
  /** @default ACCOUNT_ID */
  readonly ownerId?: string;
  readonly tags?: Tags;
}

/** A subnet as EC2 describes it. */
export function subnetResource(seed: SubnetSeed): Ec2Resource {
  const { id, vpcId, cidr, zone, available, ownerId = ACCOUNT_ID, tags = {} } = seed;
  return {
    filters: {
      'subnet-id': id,
      'vpc-id': vpcId,
      state: 'available',
      'availability-zone': zone ?? [],
      'cidr-block': cidr ?? [],
    },
    tags,
    xml: {
      subnetId: id,
      vpcId,
      ownerId,
      state: 'available',
      cidrBlock: cidr,
      ipv6Native: cidr === undefined,
      availableIpAddressCount: available,
      availabilityZone: zone,
      tagSet: tagSet(tags),
    },
  };
}

/** @param resources called for each request, so that the free addresses can change */
export const subnetAction = (resources: () => readonly Ec2Resource[]): Ec2Action => ({
  set: 'subnetSet',
  resources,
});

/**
 * What EC2 returns about the cluster's VPC, by action.
 * @param nodeTags of the network interfaces of the nodes
 */
export function vpcActions(
  fleet: Fleet,
  clusterName: string,
  nodeTags: Tags = {},
): Readonly<Record<string, Ec2Action>> {
  const subnetTags = { Name: `${clusterName}-pods`, [`kubernetes.io/cluster/${clusterName}`]: 'shared' };
  const subnets = () =>
    fleet
      .subnets()
      .map(({ free, ...subnet }) =>
        subnetResource({ ...subnet, vpcId: VPC_ID, available: free(), tags: subnetTags }),
      );
  const instances = (): readonly Ec2Resource[] =>
    fleet.nodes().map(({ name, instanceId, type, subnet, ip }) => {
      const tags = {
        Name: `${clusterName}-node`,
        'eks:cluster-name': clusterName,
        [`kubernetes.io/cluster/${clusterName}`]: 'owned',
      };
      const groupSet = [{ groupId: SECURITY_GROUP_ID, groupName: `eks-cluster-sg-${clusterName}` }];
      const instance = {
        instanceId,
        instanceType: type.name,
        instanceState: { code: 16, name: 'running' },
        privateDnsName: name,
        privateIpAddress: ip,
        subnetId: subnet.id,
        vpcId: VPC_ID,
        placement: { availabilityZone: subnet.zone },
        groupSet,
        tagSet: tagSet(tags),
      };
      return {
        filters: {
          'instance-id': instanceId,
          'vpc-id': VPC_ID,
          'subnet-id': subnet.id,
          'instance-state-name': 'running',
          'instance-type': type.name,
          'private-dns-name': name,
          'private-ip-address': ip,
          'instance.group-id': SECURITY_GROUP_ID,
        },
        tags,
        xml: { reservationId: `r-${instanceId.slice(2)}`, ownerId: ACCOUNT_ID, instancesSet: [instance] },
      };
    });
  return {
    DescribeSubnets: subnetAction(subnets),
    DescribeInstances: { set: 'reservationSet', resources: instances },
    ...interfaceActions(
      () => interfacesOf(fleet, VPC_ID, nodeTags).map(interfaceResource),
      () =>
        fleet
          .subnets()
          .flatMap(({ id: subnetId, reservations }) =>
            reservations().map((each) => reservationResource({ subnetId, ...each })),
          ),
    ),
  };
}
