import { describe, expect, test } from 'vitest';
import type { Options } from '../../../infra/configure/command-options.ts';
import {
  type Account,
  CLUSTER_GROUP,
  choiceFor,
  clusterWith,
  GOOD,
  instance,
  type Resource,
  routeTable,
} from '../../support/eks-account.ts';
import { EXAMPLE } from '../../support/stack-template.ts';

const { vpcId } = EXAMPLE;
/** The subnets of the function have no route out of the VPC. */
const NO_EGRESS = [routeTable(1, {}, [1, 2, 3]), ...GOOD.routeTables.slice(2)];

describe('a cluster without aws-node pods', () => {
  const managed = instance('i-4', [CLUSTER_GROUP]);
  const ofAutoMode = { ...managed, operator: { managed: true, principal: 'eks.amazonaws.com' } };
  const autoMode = clusterWith({
    computeConfig: { enabled: true },
    logging: { clusterLogging: [{ types: ['audit'], enabled: true }] },
  });
  const lists = {
    'fargate-profiles': { fargateProfileNames: ['default'] },
    'node-groups': { nodegroups: [] },
  };
  const podless = { PODS: 'none', SUBNET_METRICS: true };

  test.each<[what: string, changes: Partial<Account>, kind: string]>([
    ['Auto Mode with nodes of its own', { cluster: autoMode, instances: [ofAutoMode] }, 'EKS Auto Mode'],
    ['Auto Mode without nodes', { cluster: autoMode, instances: [] }, 'EKS Auto Mode'],
    ['Fargate profiles alone', { instances: [], lists }, 'Fargate'],
  ])('%s: only the subnets are watched', async (_, changes, kind) => {
    const { discovered, explanation, warnings } = await choiceFor(changes);
    expect(discovered.settings).toEqual(podless);
    expect(explanation).toContainEqual(
      `PODS: none, since the cluster runs ${kind} and no other nodes: without aws-node pods only its subnets are watched. Remove it if nodes of other kinds join`,
    );
    expect(warnings).toEqual([]);
  });

  test('neither its API server nor its authentication mode matters, as the function does not use the cluster', async () => {
    const cluster = clusterWith(
      { accessConfig: { authenticationMode: 'CONFIG_MAP' } },
      { endpointPrivateAccess: false },
    );
    expect((await choiceFor({ cluster, instances: [], lists })).warnings).toEqual([]);
    expect((await choiceFor({ cluster })).warnings).toHaveLength(2);
  });

  test('without a way to EC2 there is nothing to watch: its endpoint is missing like others', async () => {
    const changes = { cluster: autoMode, instances: [], routeTables: NO_EGRESS };
    const choice = await choiceFor(changes);
    expect(choice.discovered.settings).toEqual(podless);
    expect(choice.warnings).toEqual([expect.stringContaining('no endpoint for monitoring, s3, ec2: create')]);
    const { discovered, warnings } = await choiceFor(changes, { createEndpoints: true });
    expect(discovered.endpoints).toEqual(['monitoring', 's3', 'ec2']);
    expect(warnings).toEqual([]);
  });

  test.each<[what: string, changes: Partial<Account>, options?: Partial<Options>, denied?: string[]]>([
    ['Auto Mode beside other nodes', { cluster: autoMode }],
    ['Auto Mode, read directly', { cluster: autoMode, instances: [ofAutoMode] }, { direct: true }],
    ['Fargate beside nodes that EKS does not manage', { lists }],
    [
      'Fargate beside node groups without nodes',
      {
        instances: [],
        lists: { ...lists, 'node-groups': { nodegroups: ['workers'] } },
      },
    ],
    ['a principal that may not list', { instances: [], lists }, {}, ['ListNodegroups']],
    ['no nodes yet', { instances: [] }],
  ])('%s: PODS is not set', async (_, changes, options, denied) => {
    const { discovered } = await choiceFor(changes, options, denied);
    expect(discovered.settings).not.toHaveProperty('PODS');
  });
});

describe('a warning says what will not work and what to do', () => {
  const warningsOf = async (changes: Partial<Account>, options: Partial<Options> = {}) =>
    (await choiceFor(changes, options)).warnings;

  test('public endpoint only', async () => {
    expect(await warningsOf({ cluster: clusterWith({}, { endpointPrivateAccess: false }) })).toEqual([
      'the API server has a public endpoint only: the function reaches it through NAT, whose addresses publicAccessCidrs must contain. Better: aws eks update-cluster-config --region eu-central-1 --name production --resources-vpc-config endpointPrivateAccess=true',
    ]);
  });

  test('public endpoint only, and no way out', async () => {
    const cluster = clusterWith({}, { endpointPrivateAccess: false });
    expect(await warningsOf({ cluster, routeTables: NO_EGRESS }, { createEndpoints: true })).toEqual([
      expect.stringContaining('not at all from these subnets'),
    ]);
  });

  test('mode CONFIG_MAP', async () => {
    const choice = await choiceFor({
      cluster: clusterWith({ accessConfig: { authenticationMode: 'CONFIG_MAP' } }),
    });
    expect(choice.discovered.access).toBe('aws-auth');
    expect(choice.warnings).toEqual([
      'the cluster maps roles by aws-auth only: after the deploy run the command of the output MapRole. Better: aws eks update-cluster-config --region eu-central-1 --name production --access-config authenticationMode=API_AND_CONFIG_MAP, then run this again',
    ]);
  });

  test('Auto Mode, IPv6, and a cluster that is not active', async () => {
    const cluster = clusterWith({
      status: 'UPDATING',
      computeConfig: { enabled: true },
      kubernetesNetworkConfig: { ipFamily: 'ipv6' },
    });
    expect(await warningsOf({ cluster })).toEqual([
      'the cluster is UPDATING, not ACTIVE',
      expect.stringContaining('an IPv6 cluster'),
      expect.stringContaining('EKS Auto Mode'),
    ]);
  });

  test('no nodes to check', async () => {
    expect(await warningsOf({ instances: [] })).toEqual([
      'no running instance is tagged kubernetes.io/cluster/production: whether the nodes let the API server in at tcp/61678 was not checked',
    ]);
  });

  test('no NAT gateway and no endpoints', async () => {
    expect(await warningsOf({ routeTables: NO_EGRESS })).toEqual([
      'the chosen subnets have no NAT gateway and no endpoint for monitoring, s3: create them, or run this again with --create-endpoints (s3 is free; monitoring costs about $7.30 a zone and month)',
    ]);
    const choice = await choiceFor({ routeTables: NO_EGRESS }, { createEndpoints: true });
    expect(choice.discovered).toMatchObject({
      endpoints: ['monitoring', 's3'],
      s3PrefixListId: 'pl-00000000000000002',
    });
    expect(choice.explanation).toContain(
      'endpoint s3: all traffic to S3 from subnet-00000000000000001, subnet-00000000000000002, subnet-00000000000000003 will take it, since they use rtb-00000000000000001. Only the function gets through, and only to the state bucket: nodes there cannot pull images from ECR through it',
    );
    expect(choice.warnings).toEqual([]);
  });

  test('endpoints in a region whose prefix list of S3 is not found', async () => {
    const choice = await choiceFor({ routeTables: NO_EGRESS, prefixLists: [] }, { createEndpoints: true });
    expect(choice.discovered).not.toHaveProperty('s3PrefixListId');
  });

  const s3: Resource = {
    vpcEndpointId: 'vpce-1',
    vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: 'com.amazonaws.eu-central-1.s3',
    state: 'available',
    routeTableIdSet: ['rtb-00000000000000001'],
  };
  const monitoring: Resource = {
    vpcEndpointId: 'vpce-2',
    vpcId,
    vpcEndpointType: 'Interface',
    serviceName: 'com.amazonaws.eu-central-1.monitoring',
    state: 'available',
    privateDnsEnabled: true,
    groupSet: [{ groupId: 'sg-00000000000000002' }],
  };
  const groupFor = (cidrIp: string): Resource => ({
    groupId: 'sg-00000000000000002',
    ipPermissions: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp }] }],
  });

  test('none where endpoints stand in for NAT', async () => {
    const vpcEndpoints = [s3, monitoring];
    const securityGroups = [...GOOD.securityGroups, groupFor('10.0.0.0/16')];
    expect(await warningsOf({ routeTables: NO_EGRESS, vpcEndpoints, securityGroups })).toEqual([]);
  });

  const policy = (...statements: object[]) => ({
    policyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  });
  const open = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
  const named = {
    ...open,
    Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/x' } },
  };
  test.each([
    ['gateway endpoint with the default policy', { ...s3, ...policy(open) }, []],
    ['gateway endpoint for one role', { ...s3, ...policy(named) }, ['endpoint vpce-1 to s3 has a policy']],
    [
      'gateway endpoint of other route tables',
      { ...s3, ...policy(named), routeTableIdSet: ['rtb-00000000000000009'] },
      [],
    ],
    [
      'interface endpoint that denies something',
      {
        ...s3,
        ...policy(open, { ...open, Effect: 'Deny' }),
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
      },
      ['endpoint vpce-1 takes all calls to s3', 'endpoint vpce-1 to s3 has a policy'],
    ],
  ])('what a policy allows is not known: %s', async (_, endpoint, warnings) => {
    const found = await warningsOf({ vpcEndpoints: [endpoint] });
    expect(found).toEqual(warnings.map((warning) => expect.stringContaining(warning)));
  });

  test('an endpoint that does not let the function in, with or without NAT', async () => {
    const changes = { vpcEndpoints: [monitoring], securityGroups: [groupFor('10.0.16.0/20')] };
    expect(await warningsOf(changes)).toEqual([
      'endpoint vpce-2 takes all calls to monitoring but does not let the chosen subnets in at tcp/443: allow them in its security group',
    ]);
  });

  const NODES = 'sg-00000000000000003';
  const ownGroup = (...ipPermissions: Resource[]): Partial<Account> => ({
    instances: [...GOOD.instances, instance('i-4', [NODES, 'sg-00000000000000004'])],
    securityGroups: [...GOOD.securityGroups, { groupId: NODES, ipPermissions }],
  });
  const closed =
    'node security group sg-00000000000000003 does not let the API server in at tcp/61678, so its pods cannot be read: add the rule, or run this again with --open-metrics-port';

  test.each<[string, Resource[], string[]]>([
    ['no rule at all', [], [closed]],
    [
      'the kubelet only',
      [{ ipProtocol: 'tcp', fromPort: 10250, toPort: 10250, groups: [{ groupId: CLUSTER_GROUP }] }],
      [closed],
    ],
    [
      'another group only',
      [{ ipProtocol: 'tcp', fromPort: 61678, toPort: 61678, groups: [{ groupId: NODES }] }],
      [closed],
    ],
    [
      'the cluster group at a range',
      [{ ipProtocol: 'tcp', fromPort: 1025, toPort: 65535, groups: [{ groupId: CLUSTER_GROUP }] }],
      [],
    ],
    ['everything of the VPC', [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '10.0.0.0/16' }] }], []],
    ['some of the subnets', [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '10.0.16.0/20' }] }], [closed]],
  ])('a node security group that lets in: %s', async (_, permissions, warnings) => {
    expect(await warningsOf(ownGroup(...permissions))).toEqual(warnings);
  });

  test('none where the stack is asked to open the port', async () => {
    const choice = await choiceFor(ownGroup(), { openMetricsPort: true });
    expect(choice.warnings).toEqual([]);
    expect(choice.discovered.nodeSecurityGroupIds).toEqual([NODES]);
    expect(choice.explanation).toContain(`tcp/61678 will be opened at ${NODES} for the API server`);
  });

  const cidrs = (ipv6CidrBlock: string) => [{ ipv6CidrBlock, ipv6CidrBlockState: { state: 'associated' } }];
  const ipv6: Partial<Account> = {
    cluster: clusterWith({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } }),
    subnets: GOOD.subnets.map((each, index) => ({
      ...each,
      ipv6CidrBlockAssociationSet: cidrs(`2600:1f14:abc:de0${index}::/64`),
    })),
  };
  const port = { ipProtocol: 'tcp', fromPort: 61678, toPort: 61678 };
  test.each<[string, Resource, number]>([
    ['IPv4 only', { ...port, ipRanges: [{ cidrIp: '10.0.0.0/16' }] }, 1],
    ['all of IPv6', { ...port, ipv6Ranges: [{ cidrIpv6: '::/0' }] }, 0],
    ['the IPv6 block of the VPC', { ...port, ipv6Ranges: [{ cidrIpv6: '2600:1f14:abc:de00::/56' }] }, 0],
    ['the IPv6 block of one subnet', { ...port, ipv6Ranges: [{ cidrIpv6: '2600:1f14:abc:de00::/64' }] }, 1],
  ])('a node security group of an IPv6 cluster that lets in: %s', async (_, permission, count) => {
    const found = await warningsOf({ ...ownGroup(permission), ...ipv6 });
    expect(found.filter((warning) => warning === closed)).toHaveLength(count);
  });

  test('a prefix list: not known, with what to look at', async () => {
    const permission = { ...port, prefixListIds: [{ prefixListId: 'pl-00000000000000001' }] };
    expect(await warningsOf(ownGroup(permission))).toEqual([
      'node security group sg-00000000000000003 lets a prefix list in at tcp/61678; whether that contains the API server is not known: run aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-00000000000000001',
    ]);
  });

  const s3Interface: Resource = {
    ...monitoring,
    vpcEndpointId: 'vpce-3',
    serviceName: 'com.amazonaws.eu-central-1.s3',
  };
  test('an S3 interface endpoint with private DNS is a path to S3', async () => {
    const securityGroups = [...GOOD.securityGroups, groupFor('10.0.0.0/16')];
    const vpcEndpoints = [monitoring, s3Interface];
    expect(await warningsOf({ routeTables: NO_EGRESS, vpcEndpoints, securityGroups })).toEqual([]);
    const inbound = { ...s3Interface, dnsOptions: { privateDnsOnlyForInboundResolverEndpoint: true } };
    expect(
      await warningsOf({ routeTables: NO_EGRESS, vpcEndpoints: [monitoring, inbound], securityGroups }),
    ).toEqual([expect.stringContaining('no endpoint for s3: create them')]);
  });

  test('an S3 interface endpoint that does not let the function in, with or without NAT', async () => {
    expect(await warningsOf({ vpcEndpoints: [s3Interface], securityGroups: [] })).toEqual([
      'endpoint vpce-3 takes all calls to s3 but does not let the chosen subnets in at tcp/443: allow them in its security group',
    ]);
  });

  test('subnets of another account: endpoints cannot be created there', async () => {
    const subnets = GOOD.subnets.map((each) => ({ ...each, ownerId: '444455556666' }));
    const choice = await choiceFor({ subnets, routeTables: NO_EGRESS }, { createEndpoints: true });
    expect(choice.discovered.endpoints).toBeUndefined();
    expect(choice.warnings).toEqual([
      'the chosen subnets have no NAT gateway and no endpoint for monitoring, s3 that is visible here: they are shared by the account 444455556666, and only the owner of a VPC can see and create its endpoints. Ask for them',
    ]);
  });
});

describe('settings', () => {
  const audit = (enabled: boolean) =>
    clusterWith({ logging: { clusterLogging: [{ types: ['api', 'audit'], enabled }] } });

  test('five minutes where the audit log is on, with the reason and the cost', async () => {
    const { discovered, explanation } = await choiceFor({
      cluster: audit(true),
      instances: Array.from({ length: 1000 }, (_, index) => instance(`i-${index}`, [CLUSTER_GROUP])),
    });
    expect(discovered.settings).toEqual({ METRIC_UPDATE_INTERVAL: 5, SUBNET_METRICS: true });
    expect(explanation).toContain(
      "METRIC_UPDATE_INTERVAL: 5, since the cluster's audit log is on and each read writes two events to it. For 1000 nodes these are 21 to 32 GB ($10 to 16 in us-east-1) a month, and 103 to 158 GB ($51 to 79 in us-east-1) with an interval of 1. Counters lose nothing by a longer interval. With --direct the function reads the nodes itself, without these events",
    );
    expect((await choiceFor({ cluster: audit(false) })).discovered.settings).toEqual({
      SUBNET_METRICS: true,
    });
  });

  test('subnet metrics where the function reaches EC2', async () => {
    const { discovered, explanation } = await choiceFor({ routeTables: NO_EGRESS });
    expect(discovered.settings).toEqual({});
    expect(explanation.at(-1)).toMatch(/^SUBNET_METRICS: off, the chosen subnets have no route to EC2/);
  });
});

describe('--direct', () => {
  test('opens the groups of the nodes to the function, and writes the blocks of the VPC', async () => {
    const { discovered, warnings } = await choiceFor({}, { direct: true });
    expect(discovered).toMatchObject({
      nodeSecurityGroupIds: [CLUSTER_GROUP],
      direct: { SCRAPE_VIA: 'node', NODE_CIDRS: ['10.0.0.0/16', '100.64.0.0/16'] },
    });
    expect(warnings).toEqual([]);
  });

  test('takes one group of each kind of node: managed groups, with a launch template or not, and Karpenter', async () => {
    const nodes = [
      instance('i-1', [CLUSTER_GROUP], { 'eks:nodegroup-name': 'default' }),
      instance('i-2', ['sg-00000000000000002', CLUSTER_GROUP], { 'eks:nodegroup-name': 'template' }),
      instance('i-3', ['sg-00000000000000003', 'sg-00000000000000004'], {
        'karpenter.sh/nodepool': 'default',
        'eks:eks-cluster-name': 'production',
      }),
      instance('i-4', ['sg-00000000000000003', 'sg-00000000000000004'], { 'karpenter.sh/nodepool': 'spot' }),
    ];
    const { discovered, explanation, warnings } = await choiceFor({ instances: nodes }, { direct: true });
    const groups = ['sg-00000000000000003', CLUSTER_GROUP];
    expect(discovered.nodeSecurityGroupIds).toEqual(groups);
    expect(explanation.filter((line) => line.startsWith('tcp/'))).toEqual(
      groups.map((id) => `tcp/61678 will be opened at ${id} for the function`),
    );
    expect(warnings).toEqual([]);
  });

  test.each([
    [true, '10 to 16 GB of audit log ($5 to 8 a month in us-east-1, with an interval of 1)'],
    [false, 'the API server one request for each node and cycle'],
  ])('says what it saves and costs, with an audit log: %s', async (enabled, saved) => {
    const cluster = clusterWith({ logging: { clusterLogging: [{ types: ['audit'], enabled }] } });
    const instances = Array.from({ length: 100 }, (_, index) => instance(`i-${index}`, [CLUSTER_GROUP]));
    const { discovered, explanation } = await choiceFor({ cluster, instances }, { direct: true });
    expect(explanation).toContain(
      `SCRAPE_VIA: node, at addresses of 10.0.0.0/16, 100.64.0.0/16. For 100 nodes it saves ${saved}, and adds no charge. Not checked: firewalls on the nodes, and network ACLs`,
    );
    expect(discovered.settings).not.toHaveProperty('METRIC_UPDATE_INTERVAL');
  });

  test('warns of nodes whose groups are not known, and of nodes in another VPC', async () => {
    const elsewhere = { ...instance('i-1', ['sg-00000000000000005']), vpcId: 'vpc-00000000000000009' };
    const { discovered, warnings } = await choiceFor({ instances: [elsewhere] }, { direct: true });
    expect(discovered).not.toHaveProperty('nodeSecurityGroupIds');
    expect(warnings).toEqual([
      'no running instance is tagged kubernetes.io/cluster/production: which security groups to open at tcp/61678 is not known, so that of the cluster is: give those of the nodes in nodeSecurityGroupIds if they do not carry it',
      'running instances of the cluster are in vpc-00000000000000009: the function does not read them until their blocks are in NODE_CIDRS, a route leads to them, and they let the function in at tcp/61678',
    ]);
  });

  test('refuses an IPv6 cluster', async () => {
    const cluster = clusterWith({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } });
    await expect(choiceFor({ cluster }, { direct: true })).rejects.toThrow(
      'production is an IPv6 cluster, where the list of pods has no IPv4 addresses of nodes: leave out --direct, and SCRAPE_VIA: node in its entry.',
    );
  });
});
