import { type Choice, choose } from '../../infra/configure/choose.ts';
import type { Options } from '../../infra/configure/command-options.ts';
import { describeCluster, describeVpc } from '../../infra/configure/discover.ts';
import { type Ec2Action, type Tags, tagSet } from '../../local/aws/ec2-action.ts';
import type { ClusterDescription, ClusterLists } from '../../local/aws/eks.ts';
import { type AwsEndpoint, AwsRefusal } from '../../local/aws/endpoint.ts';
import type { XmlContent } from '../../local/aws/xml.ts';
import { ec2For, eksFor } from './aws-services.ts';
import { EXAMPLE } from './stack-template.ts';

/** A resource as EC2 writes it: lists become `<item>`s. */
export type Resource = { readonly [name: string]: XmlContent };

/** What an account has, in the words of the two APIs. */
export interface Account {
  readonly cluster: ClusterDescription;
  readonly subnets: readonly Resource[];
  readonly routeTables: readonly Resource[];
  readonly vpcEndpoints: readonly Resource[];
  readonly instances: readonly Resource[];
  readonly securityGroups: readonly Resource[];
  readonly prefixLists: readonly Resource[];
  /** @default - no Fargate profiles and no node groups */
  readonly lists?: ClusterLists;
}

const vpcId = EXAMPLE.vpcId;
export const CLUSTER_GROUP = EXAMPLE.cluster.securityGroupId;

export const subnet = (index: number, zone: string, changes: Resource = {}): Resource => ({
  subnetId: `subnet-0000000000000000${index}`,
  vpcId,
  availabilityZone: `eu-central-1${zone}`,
  cidrBlock: `10.0.${16 * index}.0/20`,
  availableIpAddressCount: 4000 + index,
  ...changes,
});

export const routeTable = (
  index: number,
  way: Resource,
  subnets: number[],
  more: Resource = {},
): Resource => ({
  routeTableId: `rtb-0000000000000000${index}`,
  vpcId,
  routeSet: [
    { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
    ...(Object.keys(way).length > 0 ? [{ destinationCidrBlock: '0.0.0.0/0', state: 'active', ...way }] : []),
  ],
  associationSet: subnets.map((each) => ({ subnetId: `subnet-0000000000000000${each}`, main: false })),
  ...more,
});

/** @param tags beside that of its cluster, which managed node groups and Karpenter set alike */
export const instance = (
  name: string,
  groups: string[],
  tags: Tags = {},
  cluster = 'production',
): Resource => ({
  instanceId: name,
  vpcId,
  instanceState: { name: 'running' },
  tagSet: tagSet({ [`kubernetes.io/cluster/${cluster}`]: 'owned', ...tags }),
  groupSet: groups.map((groupId) => ({ groupId })),
});

const associated = { state: 'associated' };
/** With a further block for pods, and one that it had. */
const VPC: Resource = {
  vpcId,
  cidrBlock: '10.0.0.0/16',
  cidrBlockAssociationSet: [
    { cidrBlock: '10.0.0.0/16', cidrBlockState: associated },
    { cidrBlock: '100.64.0.0/16', cidrBlockState: associated },
    { cidrBlock: '10.9.0.0/16', cidrBlockState: { state: 'disassociated' } },
  ],
};

export const NAT = { natGatewayId: 'nat-1' };

/** A good cluster: two private subnets with NAT (1, 2), one for pods (3), two public ones (4, 5), nodes with the cluster's group. */
export const GOOD = {
  cluster: {
    name: 'production',
    arn: 'arn:aws:eks:eu-central-1:111122223333:cluster/production',
    version: '1.34',
    status: 'ACTIVE',
    endpoint: EXAMPLE.cluster.endpoint ?? '',
    certificateAuthority: { data: EXAMPLE.cluster.certificateAuthority ?? '' },
    accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
    kubernetesNetworkConfig: { ipFamily: 'ipv4' },
    resourcesVpcConfig: {
      vpcId,
      clusterSecurityGroupId: CLUSTER_GROUP,
      securityGroupIds: [],
      subnetIds: [1, 2, 4, 5].map((index) => `subnet-0000000000000000${index}`),
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
    },
  },
  subnets: [
    subnet(1, 'a'),
    subnet(2, 'b'),
    subnet(3, 'a', { tagSet: [{ key: 'kubernetes.io/role/cni', value: '1' }] }),
    subnet(4, 'a'),
    subnet(5, 'b'),
    subnet(6, 'c'),
  ],
  routeTables: [
    routeTable(1, NAT, [1, 3]),
    routeTable(2, NAT, [2]),
    // The main table has no subnet of its own: 4, 5 and 6 follow it.
    routeTable(3, { gatewayId: 'igw-1' }, [], { associationSet: [{ main: true }] }),
  ],
  vpcEndpoints: [] as Resource[],
  instances: [
    instance('i-1', [CLUSTER_GROUP]),
    instance('i-2', ['sg-00000000000000001', CLUSTER_GROUP]),
    instance('i-3', ['sg-00000000000000009'], {}, 'another'),
  ],
  securityGroups: [{ groupId: 'sg-00000000000000001', ipPermissions: [] }] as Resource[],
  prefixLists: [
    { prefixListId: 'pl-00000000000000001', prefixListName: 'com.amazonaws.eu-central-1.dynamodb' },
    { prefixListId: 'pl-00000000000000002', prefixListName: 'com.amazonaws.eu-central-1.s3' },
  ],
} satisfies Account;

export const clusterWith = (changes: Resource, vpcChanges: Resource = {}) => ({
  ...GOOD.cluster,
  ...changes,
  resourcesVpcConfig: { ...GOOD.cluster.resourcesVpcConfig, ...vpcChanges },
});

const tagsOf = ({ tagSet = [] }: Resource): Record<string, string> =>
  Object.fromEntries([tagSet].flat().map((tag) => [Object(tag).key, Object(tag).value]));

const inVpc = (resource: Resource) => ({ 'vpc-id': String(resource.vpcId) });

/** The Describe calls over an account. @param denied actions that the caller may not use */
function actionsOf(account: Account, denied: readonly string[]): Record<string, Ec2Action> {
  const action = (
    name: string,
    set: string,
    resources: readonly Resource[],
    filters: (resource: Resource) => Record<string, string>,
    xml: (resource: Resource) => Resource = (resource) => resource,
  ): Record<string, Ec2Action> => ({
    [name]: {
      set,
      resources() {
        if (denied.includes(name))
          throw new AwsRefusal(
            'UnauthorizedOperation',
            'You are not authorized to perform this operation.',
            403,
          );
        return resources.map((resource) => ({
          filters: filters(resource),
          tags: tagsOf(resource),
          xml: xml(resource),
        }));
      },
    },
  });
  const { subnets, routeTables, vpcEndpoints, instances, securityGroups, prefixLists } = account;
  return {
    ...action('DescribeVpcs', 'vpcSet', [VPC], inVpc),
    ...action('DescribeSubnets', 'subnetSet', subnets, inVpc),
    ...action('DescribeRouteTables', 'routeTableSet', routeTables, inVpc),
    ...action('DescribeVpcEndpoints', 'vpcEndpointSet', vpcEndpoints, inVpc),
    ...action('DescribeSecurityGroups', 'securityGroupInfo', securityGroups, (group) => ({
      'group-id': String(group.groupId),
    })),
    ...action('DescribeManagedPrefixLists', 'prefixListSet', prefixLists, (list) => ({
      'prefix-list-name': String(list.prefixListName),
    })),
    ...action(
      'DescribeInstances',
      'reservationSet',
      instances,
      (each) => ({ ...inVpc(each), 'instance-state-name': Object(each.instanceState).name }),
      (each) => ({ instancesSet: [each] }),
    ),
  };
}

/** So that every list has more than one page. */
const PAGE_SIZE = 2;

/** Runs `use` with an account like GOOD with `changes`, to whose EC2 and EKS the AWS SDK talks until the test ends. */
export async function inAccount<T>(
  changes: Partial<Account>,
  use: (ec2: AwsEndpoint) => Promise<T>,
  denied: readonly string[] = [],
): Promise<T> {
  const account: Account = { ...GOOD, ...changes };
  const eks = await eksFor(() => account.cluster, account.lists);
  if (denied.includes('ListNodegroups'))
    eks.faults.always = ({ path }) =>
      path.endsWith('/node-groups')
        ? { status: 403, code: 'AccessDeniedException', message: 'not authorized' }
        : undefined;
  if (denied.includes('DescribeCluster'))
    eks.faults.always = {
      status: 403,
      code: 'AccessDeniedException',
      message: 'not authorized to perform: eks:DescribeCluster',
    };
  return use(await ec2For(actionsOf(account, denied), PAGE_SIZE));
}

/** What is chosen for the cluster of an account like GOOD with `changes`. */
export function choiceFor(
  changes: Partial<Account> = {},
  options: Partial<Options> = {},
  denied: readonly string[] = [],
): Promise<Choice> {
  return inAccount(
    changes,
    async () => {
      const cluster = await describeCluster('production', 'eu-central-1');
      const defaults = { openMetricsPort: false, createEndpoints: false, direct: false };
      return choose(cluster, await describeVpc(cluster), { ...defaults, ...options });
    },
    denied,
  );
}
