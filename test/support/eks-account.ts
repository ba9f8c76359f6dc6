import { vi } from 'vitest';
import { type Choice, choose, type Options } from '../../infra/configure/choose.ts';
import { describeCluster, describeVpc } from '../../infra/configure/discover.ts';
import { type Account, startAccount, type Thing } from './aws-account.ts';
import { EXAMPLE } from './stack-template.ts';

const vpcId = EXAMPLE.vpcId;
export const CLUSTER_GROUP = EXAMPLE.cluster.securityGroupId;

export const subnet = (index: number, zone: string, changes: Thing = {}): Thing => ({
  subnetId: `subnet-0000000000000000${index}`,
  vpcId,
  availabilityZone: `eu-central-1${zone}`,
  cidrBlock: `10.0.${16 * index}.0/20`,
  availableIpAddressCount: 4000 + index,
  ...changes,
});

export const routeTable = (index: number, way: Thing, subnets: number[], more: Thing = {}): Thing => ({
  routeTableId: `rtb-0000000000000000${index}`,
  vpcId,
  routeSet: [
    { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
    ...(Object.keys(way).length > 0 ? [{ destinationCidrBlock: '0.0.0.0/0', state: 'active', ...way }] : []),
  ],
  associationSet: subnets.map((each) => ({ subnetId: `subnet-0000000000000000${each}`, main: false })),
  ...more,
});

export const instance = (name: string, groups: string[], cluster = 'production'): Thing => ({
  instanceId: name,
  vpcId,
  instanceState: { name: 'running' },
  tagSet: [{ key: `kubernetes.io/cluster/${cluster}`, value: 'owned' }],
  groupSet: groups.map((groupId) => ({ groupId })),
});

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
  vpcEndpoints: [] as Thing[],
  instances: [
    instance('i-1', [CLUSTER_GROUP]),
    instance('i-2', ['sg-00000000000000001', CLUSTER_GROUP]),
    instance('i-3', ['sg-00000000000000009'], 'another'),
  ],
  securityGroups: [{ groupId: 'sg-00000000000000001', ipPermissions: [] }] as Thing[],
} satisfies Account;

export const clusterWith = (changes: Thing, vpcChanges: Thing = {}) => ({
  ...GOOD.cluster,
  ...changes,
  resourcesVpcConfig: { ...GOOD.cluster.resourcesVpcConfig, ...vpcChanges },
});

/** Runs `use` while the AWS SDK talks to an account like GOOD with `changes`. */
export async function inAccount<T>(
  changes: Partial<Account>,
  use: () => Promise<T>,
  denied: readonly string[] = [],
): Promise<T> {
  const { endpoint, close } = await startAccount({ ...GOOD, ...changes }, denied);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_ENDPOINT_URL_EKS', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', endpoint);
  try {
    return await use();
  } finally {
    vi.unstubAllEnvs();
    await close();
  }
}

/** What is chosen for the cluster of an account like GOOD with `changes`. */
export function choiceFor(changes: Partial<Account> = {}, options: Partial<Options> = {}): Promise<Choice> {
  return inAccount(changes, async () => {
    const cluster = await describeCluster('production', 'eu-central-1');
    const defaults = { openMetricsPort: false, createEndpoints: false };
    return choose(cluster, await describeVpc(cluster), { ...defaults, ...options });
  });
}
