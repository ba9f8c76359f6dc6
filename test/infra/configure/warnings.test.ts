import { describe, expect, test } from 'vitest';
import type { Options } from '../../../infra/configure/choose.ts';
import type { Account, Thing } from '../../support/aws-account.ts';
import {
  CLUSTER_GROUP,
  choiceFor,
  clusterWith,
  GOOD,
  instance,
  routeTable,
} from '../../support/eks-account.ts';
import { EXAMPLE } from '../../support/stack-template.ts';

const { vpcId } = EXAMPLE;

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
    const routeTables = [routeTable(1, {}, [1, 2, 3]), ...GOOD.routeTables.slice(2)];
    expect(await warningsOf({ cluster, routeTables }, { createEndpoints: true })).toEqual([
      expect.stringContaining('not at all from these subnets'),
    ]);
  });

  test('mode CONFIG_MAP', async () => {
    const choice = await choiceFor({
      cluster: clusterWith({ accessConfig: { authenticationMode: 'CONFIG_MAP' } }),
    });
    expect(choice.discovered.access).toBe('aws-auth');
    expect(choice.warnings).toEqual([
      'the cluster knows roles by aws-auth only: after the deploy run the command of the output MapRole. Better: aws eks update-cluster-config --region eu-central-1 --name production --access-config authenticationMode=API_AND_CONFIG_MAP, then run this again',
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
      expect.stringContaining('EKS Auto Mode'),
      expect.stringContaining('an IPv6 cluster'),
    ]);
  });

  test('no nodes to check', async () => {
    expect(await warningsOf({ instances: [] })).toEqual([
      'no running instance is tagged kubernetes.io/cluster/production: whether the nodes let the API server in at tcp/61678 was not checked',
    ]);
  });

  test('no NAT gateway and no endpoints', async () => {
    const routeTables = [routeTable(1, {}, [1, 2, 3]), ...GOOD.routeTables.slice(2)];
    expect(await warningsOf({ routeTables })).toEqual([
      'the chosen subnets have no NAT gateway and no endpoint for monitoring, s3: make them, or run this again with --create-endpoints (s3 is free; monitoring costs about $7.30 a zone and month)',
    ]);
    const choice = await choiceFor({ routeTables }, { createEndpoints: true });
    expect(choice.discovered.endpoints).toEqual(['monitoring', 's3']);
    expect(choice.warnings).toEqual([]);
  });

  const s3: Thing = {
    vpcEndpointId: 'vpce-1',
    vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: 'com.amazonaws.eu-central-1.s3',
    state: 'available',
    routeTableIdSet: ['rtb-00000000000000001'],
  };
  const monitoring: Thing = {
    vpcEndpointId: 'vpce-2',
    vpcId,
    vpcEndpointType: 'Interface',
    serviceName: 'com.amazonaws.eu-central-1.monitoring',
    state: 'available',
    privateDnsEnabled: true,
    groupSet: [{ groupId: 'sg-00000000000000002' }],
  };
  const groupFor = (cidrIp: string): Thing => ({
    groupId: 'sg-00000000000000002',
    ipPermissions: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp }] }],
  });
  const closedIn = [routeTable(1, {}, [1, 2, 3]), ...GOOD.routeTables.slice(2)];

  test('none where endpoints stand in for NAT', async () => {
    const vpcEndpoints = [s3, monitoring];
    const securityGroups = [...GOOD.securityGroups, groupFor('10.0.0.0/16')];
    expect(await warningsOf({ routeTables: closedIn, vpcEndpoints, securityGroups })).toEqual([]);
  });

  test('an endpoint that does not let the function in, be there NAT or not', async () => {
    const changes = { vpcEndpoints: [monitoring], securityGroups: [groupFor('10.0.16.0/20')] };
    expect(await warningsOf(changes)).toEqual([
      'endpoint vpce-2 takes all calls to monitoring but does not let the chosen subnets in at tcp/443: allow them in its security group',
    ]);
  });

  const NODES = 'sg-00000000000000003';
  const ownGroup = (...ipPermissions: Thing[]): Partial<Account> => ({
    instances: [...GOOD.instances, instance('i-4', [NODES, 'sg-00000000000000004'])],
    securityGroups: [...GOOD.securityGroups, { groupId: NODES, ipPermissions }],
  });
  const closed =
    'node security group sg-00000000000000003 does not let the API server in at tcp/61678, so its pods cannot be read: add the rule, or run this again with --open-metrics-port';

  test.each<[string, Thing[], string[]]>([
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
    expect(choice.said.at(-1)).toBe(`tcp/61678 will be opened at ${NODES} for the API server`);
  });
});
