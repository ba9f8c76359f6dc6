import type { Fleet } from '../simulation/fleet.ts';
import type { Ec2Action, Ec2Thing } from './ec2.ts';
import type { XmlContent } from './xml.ts';

/** Where the embedded cluster's nodes are. */
export const VPC_ID = 'vpc-0a11ce00000000000';
export const SECURITY_GROUP_ID = 'sg-0a11ce00000000000';

type Tags = Readonly<Record<string, string>>;

const tagSet = (tags: Tags): XmlContent => Object.entries(tags).map(([key, value]) => ({ key, value }));

export interface SubnetSeed {
  readonly id: string;
  readonly vpcId: string;
  /** Undefined for an IPv6-only subnet. */
  readonly cidr?: string;
  readonly zone?: string;
  readonly available: number;
  readonly tags?: Tags;
}

/** A subnet as EC2 describes it. */
export function subnetThing({ id, vpcId, cidr, zone, available, tags = {} }: SubnetSeed): Ec2Thing {
  return {
    id,
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
      state: 'available',
      cidrBlock: cidr,
      ipv6Native: cidr === undefined,
      availableIpAddressCount: available,
      availabilityZone: zone,
      tagSet: tagSet(tags),
    },
  };
}

/** @param things read at every request, so that a story can change the free addresses */
export const subnetAction = (things: () => readonly Ec2Thing[]): Ec2Action => ({
  idParameter: 'SubnetId',
  notFound: 'InvalidSubnetID.NotFound',
  set: 'subnetSet',
  things,
});

/** What EC2 says of the cluster's VPC, by action. More actions can be added to these. */
export function vpcActions(fleet: Fleet, clusterName: string): Readonly<Record<string, Ec2Action>> {
  const subnetTags = { Name: `${clusterName}-pods`, [`kubernetes.io/cluster/${clusterName}`]: 'shared' };
  const subnets = () =>
    fleet
      .subnets()
      .map(({ free, ...subnet }) =>
        subnetThing({ ...subnet, vpcId: VPC_ID, available: free(), tags: subnetTags }),
      );
  const instances = (): readonly Ec2Thing[] =>
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
        id: instanceId,
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
        xml: { reservationId: `r-${instanceId.slice(2)}`, ownerId: '111122223333', instancesSet: [instance] },
      };
    });
  const tags = (): readonly Ec2Thing[] =>
    [
      ...instances().map((thing) => ({ ...thing, kind: 'instance' })),
      ...subnets().map((thing) => ({ ...thing, kind: 'subnet' })),
    ].flatMap(({ id, kind, tags: own }) =>
      Object.entries(own).map(([key, value]) => ({
        id,
        filters: { 'resource-id': id, 'resource-type': kind, key, value },
        tags: { [key]: value },
        xml: { resourceId: id, resourceType: kind, key, value },
      })),
    );
  return {
    DescribeSubnets: subnetAction(subnets),
    DescribeInstances: {
      idParameter: 'InstanceId',
      notFound: 'InvalidInstanceID.NotFound',
      set: 'reservationSet',
      things: instances,
    },
    DescribeTags: { set: 'tagSet', things: tags },
  };
}
