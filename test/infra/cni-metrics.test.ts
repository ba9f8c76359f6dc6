import { Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AuthenticationMode } from 'aws-cdk-lib/aws-eks';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { CniMetrics, type ForClusterProps } from '../../infra/cni-metrics.ts';
import { checkedApp, checkedTemplate, EXAMPLE, INLINE_CODE, resourcesOf } from '../support/stack-template.ts';

/** A cluster in one stack and its collector in another, as in somebody's own app. */
function appWith(options: Partial<ForClusterProps> & { isPrivate?: boolean; mode?: AuthenticationMode }) {
  const app = checkedApp();
  const home = new Stack(app, 'Home');
  const { isPrivate = true, mode, ...rest } = options;
  const vpc = vpcOf(home, isPrivate);
  const group = new CfnSecurityGroup(home, 'ClusterGroup', { groupDescription: 'cluster', vpcId: vpc.vpcId });
  const cluster = {
    vpc,
    clusterName: 'staging',
    clusterEndpoint: 'https://api.staging.example',
    clusterCertificateAuthorityData: 'Q0E=',
    clusterSecurityGroupId: group.attrGroupId,
    ...(mode && { authenticationMode: mode }),
  };
  const stack = new Stack(app, 'Collector');
  CniMetrics.forCluster(stack, 'CniMetrics', { cluster, code: INLINE_CODE, ...rest });
  return checkedTemplate(stack);
}

const SUBNET_IDS = EXAMPLE.subnets.map(({ id }) => id);

const vpcOf = (scope: Construct, isPrivate: boolean) =>
  Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: EXAMPLE.vpcId,
    availabilityZones: EXAMPLE.subnets.map(({ availabilityZone }) => availabilityZone),
    ...(isPrivate
      ? {
          privateSubnetIds: SUBNET_IDS,
          privateSubnetRouteTableIds: EXAMPLE.subnets.map(({ routeTableId }) => routeTableId),
        }
      : {}),
  });

describe('for a cluster of the same app', () => {
  test('VPC, private subnets, endpoint, CA and security group come from the cluster', () => {
    const template = appWith({});
    const [lambda] = resourcesOf(template, 'AWS::Lambda::Function');
    expect(Object(lambda?.Environment).Variables).toMatchObject({
      CLUSTER_NAME: 'staging',
      CLUSTER_ENDPOINT: 'https://api.staging.example',
      CLUSTER_CA: 'Q0E=',
    });
    expect(Object(lambda?.VpcConfig).SubnetIds).toEqual(SUBNET_IDS);
    const [rule] = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(JSON.stringify(rule?.GroupId)).toContain('ClusterGroup');
  });

  test('the same options hold', () => {
    const template = appWith({ access: 'admin-view-policy', settings: { METRIC_UPDATE_INTERVAL: 5 } });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(5 minutes)' });
    expect(resourcesOf(template, 'AWS::EKS::AccessEntry')[0]).not.toHaveProperty('KubernetesGroups');
  });

  test('a VPC without private subnets is refused', () => {
    expect(() => appWith({ isPrivate: false })).toThrow(
      "staging: its VPC has no private subnets; name the function's subnets.",
    );
  });

  test('a cluster that knows no access entries is refused, unless its role is mapped by hand', () => {
    expect(() => appWith({ mode: AuthenticationMode.CONFIG_MAP })).toThrow('make it API_AND_CONFIG_MAP');
    appWith({ mode: AuthenticationMode.CONFIG_MAP, access: 'aws-auth' }).resourceCountIs(
      'AWS::EKS::AccessEntry',
      0,
    );
  });
});

describe('options that cannot work are refused', () => {
  test.each<[Partial<ForClusterProps>, string]>([
    [{ function: { timeoutSeconds: 60 } }, 'a cycle must end before the next, every 60 s'],
    [{ settings: { METRIC_UPDATE_INTERVAL: 0 } }, 'METRIC_UPDATE_INTERVAL'],
    [{ settings: { SUBNET_IDS: ['subnet-0123456789abcdef0'] } }, 'needs SUBNET_METRICS: true'],
  ])('%j', (options, message) => {
    expect(() => appWith(options)).toThrow(message);
  });

  test('more subnets than the environment of a function holds', () => {
    const settings = (count: number) => ({
      SUBNET_METRICS: true,
      SUBNET_IDS: Array.from({ length: count }, (_, i) => `subnet-${String(i).padStart(17, '0')}`),
    });
    expect(() => appWith({ settings: settings(40) })).not.toThrow();
    expect(() => appWith({ settings: settings(160) })).toThrow(/at least, and Lambda takes 4096: name fewer/);
  });
});

test('two collectors fit into one stack', () => {
  const stack = new Stack(checkedApp(), 'Both');
  const vpc = vpcOf(stack, true);
  for (const name of ['blue', 'green'])
    new CniMetrics(stack, name, {
      vpc,
      subnets: vpc.privateSubnets,
      cluster: { ...EXAMPLE.cluster, name },
      code: INLINE_CODE,
    });
  expect(resourcesOf(checkedTemplate(stack), 'AWS::Scheduler::Schedule')).toHaveLength(2);
});
