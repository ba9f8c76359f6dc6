import {
  EC2Client,
  type IpPermission,
  paginateDescribeInstances,
  paginateDescribeManagedPrefixLists,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  type RouteTable,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { ask, collect } from './aws-calls.ts';
import { endpointFacts } from './endpoints.ts';
import type { ClusterFacts, IngressRule, SubnetFacts, VpcFacts } from './facts.ts';
import { hasFargateOnly } from './fargate.ts';

/** @throws Error that names the call, what failed and what to do */
export async function describeCluster(name: string, region: string): Promise<ClusterFacts> {
  const client = new EKSClient({ region });
  const { cluster } = await ask(`eks:DescribeCluster of ${name} in ${region}`, () =>
    client.send(new DescribeClusterCommand({ name })),
  );
  const vpc = cluster?.resourcesVpcConfig;
  const account = cluster?.arn?.split(':')[4];
  const certificateAuthority = cluster?.certificateAuthority?.data;
  const { endpoint } = cluster ?? {};
  if (cluster?.connectorConfig)
    throw new Error(
      `${name} is connected to EKS, but does not run there: the collector reads clusters of EKS only.`,
    );
  if (!account || !endpoint || !certificateAuthority || !vpc?.vpcId || !vpc.clusterSecurityGroupId)
    throw new Error(
      cluster?.status === 'ACTIVE'
        ? `EKS returned no ${missingOf({ endpoint, certificateAuthority, ...vpc }).join(', ')} of ${name}: check the cluster with aws eks describe-cluster.`
        : `${name} is ${cluster?.status ?? 'unknown'} and has no endpoint yet: wait until it is ACTIVE.`,
    );
  return {
    account,
    region,
    name,
    version: cluster.version ?? '?',
    status: cluster.status ?? '?',
    endpoint,
    certificateAuthority,
    authenticationMode: cluster.accessConfig?.authenticationMode ?? 'CONFIG_MAP',
    isAutoMode: cluster.computeConfig?.enabled ?? false,
    hasFargateOnly: await hasFargateOnly(client, name),
    hasAuditLog:
      cluster.logging?.clusterLogging?.some(({ types, enabled }) => enabled && types?.includes('audit')) ??
      false,
    isIpv6: cluster.kubernetesNetworkConfig?.ipFamily === 'ipv6',
    isPublic: vpc.endpointPublicAccess ?? false,
    isPrivate: vpc.endpointPrivateAccess ?? false,
    vpcId: vpc.vpcId,
    securityGroupId: vpc.clusterSecurityGroupId,
    extraSecurityGroupIds: vpc.securityGroupIds ?? [],
    subnetIds: vpc.subnetIds ?? [],
  };
}

const missingOf = (fields: Readonly<Record<string, unknown>>): string[] =>
  ['endpoint', 'certificateAuthority', 'vpcId', 'clusterSecurityGroupId'].filter((name) => !fields[name]);

/** @throws Error as describeCluster */
export async function describeVpc({ name, region, vpcId }: ClusterFacts): Promise<VpcFacts> {
  const client = new EC2Client({ region });
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const [vpcs, subnets, tables, endpoints, running, prefixLists] = await Promise.all([
    collect('ec2:DescribeVpcs', paginateDescribeVpcs({ client }, inVpc), (page) => page.Vpcs),
    collect('ec2:DescribeSubnets', paginateDescribeSubnets({ client }, inVpc), (page) => page.Subnets),
    collect(
      'ec2:DescribeRouteTables',
      paginateDescribeRouteTables({ client }, inVpc),
      (page) => page.RouteTables,
    ),
    collect(
      'ec2:DescribeVpcEndpoints',
      paginateDescribeVpcEndpoints({ client }, inVpc),
      (page) => page.VpcEndpoints,
    ),
    collect(
      'ec2:DescribeInstances',
      paginateDescribeInstances(
        { client },
        {
          Filters: [
            { Name: 'tag-key', Values: [`kubernetes.io/cluster/${name}`] },
            { Name: 'instance-state-name', Values: ['running'] },
          ],
        },
      ),
      (page) => page.Reservations?.flatMap(({ Instances = [] }) => Instances),
    ),
    collect(
      'ec2:DescribeManagedPrefixLists',
      paginateDescribeManagedPrefixLists(
        { client },
        // https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
        { Filters: [{ Name: 'prefix-list-name', Values: [`com.amazonaws.${region}.s3`] }] },
      ),
      (page) => page.PrefixLists,
    ),
  ]);
  const reachable = endpointFacts(endpoints);
  // Nodes of EKS Auto Mode cannot be read: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html
  const readable = running.filter(({ Operator }) => Operator?.Managed !== true);
  const nodes = readable.filter(({ VpcId }) => VpcId === vpcId);
  const nodeGroups = distinct(
    nodes.map(({ SecurityGroups = [] }) => SecurityGroups.flatMap(({ GroupId }) => GroupId ?? [])),
  );
  const groupIds = [
    ...nodeGroups,
    ...reachable.endpoints.map(({ securityGroupIds }) => securityGroupIds),
  ].flat();
  return {
    cidrs: vpcs.flatMap(({ CidrBlockAssociationSet = [] }) =>
      CidrBlockAssociationSet.flatMap(({ CidrBlock, CidrBlockState }) =>
        CidrBlock && CidrBlockState?.State === 'associated' ? [CidrBlock] : [],
      ),
    ),
    subnets: subnets.map((subnet) => subnetFacts(subnet, tables, reachable.hasS3)),
    nodes: nodes.length,
    endpoints: reachable.endpoints,
    guarded: reachable.guarded,
    nodeGroups,
    otherVpcIds: [...new Set(readable.flatMap(({ VpcId = vpcId }) => (VpcId === vpcId ? [] : VpcId)))],
    securityGroups: await describeGroups(client, [...new Set(groupIds)]),
    s3PrefixListId: prefixLists[0]?.PrefixListId,
  };
}

async function describeGroups(
  client: EC2Client,
  ids: string[],
): Promise<ReadonlyMap<string, readonly IngressRule[]>> {
  if (ids.length === 0) return new Map();
  const groups = await collect(
    'ec2:DescribeSecurityGroups',
    paginateDescribeSecurityGroups({ client }, { Filters: [{ Name: 'group-id', Values: ids }] }),
    (page) => page.SecurityGroups,
  );
  return new Map(
    groups.map(({ GroupId = '', IpPermissions = [] }) => [GroupId, IpPermissions.map(ruleFacts)]),
  );
}

const ruleFacts = (rule: IpPermission): IngressRule => ({
  protocol: rule.IpProtocol ?? '',
  fromPort: rule.FromPort,
  toPort: rule.ToPort,
  sourceGroupIds: rule.UserIdGroupPairs?.flatMap(({ GroupId }) => GroupId ?? []) ?? [],
  sourceCidrs: [
    ...(rule.IpRanges?.flatMap(({ CidrIp }) => CidrIp ?? []) ?? []),
    ...(rule.Ipv6Ranges?.flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []) ?? []),
  ],
  prefixListIds: rule.PrefixListIds?.flatMap(({ PrefixListId }) => PrefixListId ?? []) ?? [],
});

function subnetFacts(
  subnet: Subnet,
  tables: readonly RouteTable[],
  hasS3: (routeTableId: string) => boolean,
): SubnetFacts {
  const tied = ({ Associations = [] }: RouteTable) =>
    Associations.some(({ SubnetId }) => SubnetId === subnet.SubnetId);
  const isMain = ({ Associations = [] }: RouteTable) => Associations.some(({ Main }) => Main);
  // A subnet without a table of its own uses the main table of the VPC.
  const table = tables.find(tied) ?? tables.find(isMain);
  const routeTableId = table?.RouteTableId ?? '';
  return {
    id: subnet.SubnetId ?? '',
    availabilityZone: subnet.AvailabilityZone ?? '',
    cidr: subnet.CidrBlock,
    ipv6Cidrs: subnet.Ipv6CidrBlockAssociationSet?.flatMap(({ Ipv6CidrBlock }) => Ipv6CidrBlock ?? []) ?? [],
    owner: subnet.OwnerId ?? '',
    available: subnet.AvailableIpAddressCount ?? 0,
    routeTableId,
    way: wayOf(table),
    hasS3: hasS3(routeTableId),
    isForPods: subnet.Tags?.some(({ Key }) => Key === 'kubernetes.io/role/cni') ?? false,
  };
}

function wayOf(table: RouteTable | undefined): SubnetFacts['way'] {
  const route = table?.Routes?.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
  if (route === undefined) return 'none';
  if (route.GatewayId?.startsWith('igw-')) return 'internet-gateway';
  return route.NatGatewayId ? 'nat' : 'other';
}

/** By value, whatever the order. */
function distinct(sets: readonly (readonly string[])[]): string[][] {
  return [...new Map(sets.map((set) => [set.toSorted().join(), [...set]])).values()];
}
