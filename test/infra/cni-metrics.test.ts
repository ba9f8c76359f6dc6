import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import * as v1 from 'aws-cdk-lib/aws-eks';
import * as v2 from 'aws-cdk-lib/aws-eks-v2';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { AppCluster, ForClusterProps } from '../../infra/cluster-of-app.ts';
import { CniMetrics, type CniMetricsProps } from '../../infra/cni-metrics.ts';
import { checkedApp, checkedTemplate, EXAMPLE, INLINE_CODE, resourcesOf } from '../support/stack-template.ts';

const ENV = { account: EXAMPLE.account, region: EXAMPLE.region };

type Build = (scope: Construct) => AppCluster;

const layer = (scope: Construct) =>
  LayerVersion.fromLayerVersionArn(scope, 'Kubectl', 'arn:aws:lambda:eu-central-1:111122223333:layer:k:1');

const created = (
  scope: Construct,
  changes: Partial<v1.ClusterProps> = { authenticationMode: v1.AuthenticationMode.API },
) =>
  new v1.Cluster(scope, 'Cluster', {
    version: v1.KubernetesVersion.V1_34,
    kubectlLayer: layer(scope),
    ...changes,
  });

const IMPORTED = {
  clusterName: 'staging',
  clusterEndpoint: 'https://api.staging.example',
  clusterCertificateAuthorityData: EXAMPLE.cluster.certificateAuthority ?? '',
  clusterSecurityGroupId: EXAMPLE.cluster.securityGroupId,
};

const vpcOf = (scope: Construct, attributes = {}) =>
  Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: EXAMPLE.vpcId,
    availabilityZones: EXAMPLE.subnets.map(({ availabilityZone }) => availabilityZone),
    privateSubnetIds: EXAMPLE.subnets.map(({ id }) => id),
    privateSubnetRouteTableIds: EXAMPLE.subnets.map(({ routeTableId }) => routeTableId),
    ...attributes,
  });

const imported = (scope: Construct) =>
  v1.Cluster.fromClusterAttributes(scope, 'Cluster', { ...IMPORTED, vpc: vpcOf(scope) });

/** Somebody's own app, with its feature flags as the CDK has them; `bundling-stacks` keeps assets out of tests. */
const ownApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

/** A cluster in one stack and its collector in the same or another. */
function collectorFor(build: Build, options: Partial<ForClusterProps> = {}, home = ENV, own = ENV) {
  const app = ownApp();
  const stack = new Stack(app, 'Home', { env: home });
  const cluster = build(stack);
  const target = own === home ? stack : new Stack(app, 'Collector', { env: own });
  CniMetrics.forCluster(target, 'CniMetrics', { cluster, code: INLINE_CODE, ...options });
  return { stack: target, cluster };
}

/** The function's variables and access entry, with intrinsics in plain text. */
function deployed(stack: Stack) {
  const template = Template.fromStack(stack);
  const [lambda] = resourcesOf(template, 'AWS::Lambda::Function').filter(
    ({ Description }) => Description === 'Collects the CNI metrics of an EKS cluster',
  );
  const [rule] = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').filter(
    ({ Description }) => Description === 'CNI metrics collector to the API server',
  );
  const entries = resourcesOf(template, 'AWS::EKS::AccessEntry').filter(({ KubernetesGroups }) =>
    String(KubernetesGroups).includes('cni-metrics-reader'),
  );
  const { CLUSTER_NAME, CLUSTER_ENDPOINT, CLUSTER_CA, STATE_KEY } = Object(lambda?.Environment).Variables;
  return {
    variables: { CLUSTER_NAME, CLUSTER_ENDPOINT, CLUSTER_CA, STATE_KEY },
    ingress: rule?.GroupId,
    subnets: Object(lambda?.VpcConfig).SubnetIds.length,
    entries: entries.map(({ ClusterName }) => ClusterName),
  };
}

describe('for a cluster of the same app', () => {
  test.each<[string, Build]>([
    ['aws-eks', (scope) => created(scope)],
    [
      'aws-eks with a name',
      (scope) => created(scope, { clusterName: 'prod', authenticationMode: v1.AuthenticationMode.API }),
    ],
    [
      'FargateCluster',
      (scope) =>
        new v1.FargateCluster(scope, 'Cluster', {
          version: v1.KubernetesVersion.V1_34,
          kubectlLayer: layer(scope),
          authenticationMode: v1.AuthenticationMode.API_AND_CONFIG_MAP,
        }),
    ],
    [
      'aws-eks-v2',
      (scope) =>
        new v2.Cluster(scope, 'Cluster', {
          version: v2.KubernetesVersion.V1_34,
          defaultCapacityType: v2.DefaultCapacityType.NODEGROUP,
        }),
    ],
  ])('%s: everything comes from the cluster, in the same stack and in another', (_, build) => {
    const { stack } = collectorFor(build);
    const own = deployed(stack);
    expect(own).toEqual({
      variables: {
        CLUSTER_NAME: expect.stringMatching(/^<Cluster\w*>$/),
        CLUSTER_ENDPOINT: expect.stringMatching(/^<Cluster\w*\.Endpoint>$/),
        CLUSTER_CA: expect.stringMatching(/^<Cluster\w*\.CertificateAuthorityData>$/),
        STATE_KEY: 'cni-metrics/cluster.json.gz',
      },
      ingress: expect.stringMatching(/^<Cluster\w*\.ClusterSecurityGroupId>$/),
      subnets: 3,
      entries: [own.variables.CLUSTER_NAME],
    });
    const elsewhere = deployed(collectorFor(build, {}, ENV, { ...ENV }).stack);
    expect(JSON.stringify(elsewhere)).toContain('Fn::ImportValue');
    expect(elsewhere.subnets).toBe(3);
  });

  test.each<[string, Partial<ForClusterProps>]>([
    ['settings', { settings: { METRIC_UPDATE_INTERVAL: 5, AWS_CLUSTER_ID: 'blue' } }],
    ['a way of access', { access: 'aws-auth' }],
    ['endpoints', { endpoints: ['monitoring', 's3'] }],
    ['no dashboard', { dashboard: false, alarms: false }],
  ])('with %s', (_, options) => {
    expect(deployed(collectorFor((scope) => created(scope), options).stack).subnets).toBe(3);
  });

  test('two clusters of one app are watched from one stack', () => {
    const stack = new Stack(ownApp(), 'Both', { env: ENV });
    for (const name of ['Blue', 'Green']) {
      const cluster: AppCluster = new v2.Cluster(stack, name, { version: v2.KubernetesVersion.V1_34 });
      CniMetrics.forCluster(stack, `Metrics${name}`, { cluster, code: INLINE_CODE });
    }
    const template = Template.fromStack(stack);
    expect(resourcesOf(template, 'AWS::Scheduler::Schedule')).toHaveLength(2);
  });

  test('a cluster of aws-eks-v2 runs Auto Mode by default, which brings a warning', () => {
    const { stack } = collectorFor(
      (scope) => new v2.Cluster(scope, 'Cluster', { version: v2.KubernetesVersion.V1_34 }),
    );
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('EKS Auto Mode'));
    const nodes = collectorFor((scope) => created(scope)).stack;
    const settings = { PODS: 'none', SUBNET_METRICS: true } as const;
    const told = collectorFor(
      (scope) => new v2.Cluster(scope, 'Cluster', { version: v2.KubernetesVersion.V1_34 }),
      { settings },
    ).stack;
    for (const quiet of [nodes, told])
      Annotations.fromStack(quiet).hasNoWarning('*', Match.stringLikeRegexp('EKS Auto Mode'));
  });
});

describe('for an imported cluster', () => {
  test('its attributes are used', () => {
    expect(deployed(collectorFor((scope) => imported(scope)).stack)).toEqual({
      variables: {
        CLUSTER_NAME: 'staging',
        CLUSTER_ENDPOINT: IMPORTED.clusterEndpoint,
        CLUSTER_CA: IMPORTED.clusterCertificateAuthorityData,
        STATE_KEY: 'cni-metrics/staging.json.gz',
      },
      ingress: IMPORTED.clusterSecurityGroupId,
      subnets: 2,
      entries: ['staging'],
    });
  });

  const { clusterEndpoint: _, ...withoutEndpoint } = IMPORTED;
  const { clusterCertificateAuthorityData: __, ...withoutCa } = IMPORTED;
  test.each([withoutEndpoint, withoutCa])('without endpoint or CA the function asks EKS', (attributes) => {
    const { stack } = collectorFor((scope) =>
      v2.Cluster.fromClusterAttributes(scope, 'Cluster', { ...attributes, vpc: vpcOf(scope) }),
    );
    const { variables } = deployed(stack);
    expect(variables).toMatchObject({ CLUSTER_ENDPOINT: undefined, CLUSTER_CA: undefined });
    const statements = resourcesOf(Template.fromStack(stack), 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => Object(PolicyDocument).Statement,
    );
    expect(statements).toContainEqual(expect.objectContaining({ Sid: 'DescribeCluster' }));
  });

  test('all that is missing is named at once', () => {
    const { clusterSecurityGroupId: _, ...attributes } = IMPORTED;
    const bare: Build = (scope) => v1.Cluster.fromClusterAttributes(scope, 'Cluster', attributes);
    expect(() => collectorFor(bare)).toThrow(
      `The cluster Home/Cluster cannot be used.
  the imported cluster has no VPC: give vpc to fromClusterAttributes
  the imported cluster has no clusterSecurityGroupId: give it to fromClusterAttributes`,
    );
  });

  test('every text may be one that only the deployment knows', () => {
    const { stack } = collectorFor((scope) => {
      const parameter = (name: string) => new CfnParameter(scope, name).valueAsString;
      return v1.Cluster.fromClusterAttributes(scope, 'Cluster', {
        clusterName: parameter('Name'),
        clusterEndpoint: parameter('Endpoint'),
        clusterCertificateAuthorityData: parameter('Ca'),
        clusterSecurityGroupId: parameter('Group'),
        vpc: vpcOf(scope),
      });
    }, {});
    expect(deployed(stack).variables.CLUSTER_NAME).toBe('<Name>');
  });
});

describe('a cluster that cannot be used is refused', () => {
  test.each<[string, Build, string]>([
    [
      'without private subnets',
      (scope) =>
        v1.Cluster.fromClusterAttributes(scope, 'Cluster', {
          ...IMPORTED,
          vpc: vpcOf(scope, { privateSubnetIds: [], privateSubnetRouteTableIds: [] }),
        }),
      'its VPC has no private subnets: give the subnets of the function',
    ],
    [
      'with the authentication mode CONFIG_MAP',
      (scope) => created(scope, { authenticationMode: v1.AuthenticationMode.CONFIG_MAP }),
      "the cluster's authentication mode is CONFIG_MAP",
    ],
    [
      'with the default authentication mode of aws-eks',
      (scope) => created(scope, {}),
      "the cluster's authentication mode is CONFIG_MAP (the default of aws-eks): set authenticationMode to API_AND_CONFIG_MAP",
    ],
  ])('%s', (_, build, message) => {
    expect(() => collectorFor(build)).toThrow(message);
  });

  test('but with PODS=none the authentication mode does not matter', () => {
    const settings = { PODS: 'none', SUBNET_METRICS: true } as const;
    const { stack } = collectorFor((scope) => created(scope, {}), { settings });
    Template.fromStack(stack).resourceCountIs('AWS::EKS::AccessEntry', 0);
  });

  test('of another account or region', () => {
    const home = { account: '444455556666', region: 'eu-west-1' };
    expect(() => collectorFor((scope) => created(scope), {}, home)).toThrow(
      `The cluster Home/Cluster cannot be used.
  it is in the account 444455556666, and this stack in 111122223333: deploy the collector where the cluster is
  it is in the region eu-west-1, and this stack in eu-central-1: deploy the collector where the cluster is`,
    );
  });
});

describe('options are held against the schema of the file', () => {
  function faultsOf(options: object): string[] {
    try {
      collectorFor((scope) => imported(scope), options);
    } catch (error) {
      return String(error).split('\n').slice(1);
    }
    return [];
  }

  test('all faults at once, and unknown fields with the name that is meant', () => {
    expect(
      faultsOf({
        acces: 'access-entry',
        access: 'root',
        endpoints: ['sts'],
        function: { memoryMB: 512, timeoutSeconds: 60, architecture: 'arm' },
        nodeSecurityGroupIds: ['sg-00000000000000001', 'sg-00000000000000001'],
        settings: { METRIC_UPDATE_INTERVAL: 0.5, SUBNET_IDS: ['subnet-0123456789abcdef0'] },
        alarms: { overrides: { subnetLow: { threshold: 5 }, heartbeats: false } },
      }),
    ).toEqual([
      '  access: Invalid option: expected one of "access-entry"|"aws-auth"',
      '  endpoints.0: Invalid option: expected one of "monitoring"|"s3"|"eks"|"ec2"',
      '  function.architecture: Invalid option: expected one of "arm64"|"x86_64"',
      '  function.memoryMB: unknown field, did you mean memoryMb?',
      '  settings.METRIC_UPDATE_INTERVAL: Invalid input: expected int, received number',
      '  alarms.overrides.heartbeats: unknown field, did you mean heartbeat?',
      '  acces: unknown field, did you mean access?',
      '  settings.SUBNET_IDS: needs SUBNET_METRICS: true',
      '  nodeSecurityGroupIds: sg-00000000000000001 is there more than once',
      '  alarms.overrides.subnetLow: this alarm exists only with SUBNET_METRICS: true',
    ]);
  });

  test.each<[object, string]>([
    [
      { settings: { PODS: 'none', SUBNET_METRICS: true }, alarms: { overrides: { coverageLost: true } } },
      'alarms.overrides.coverageLost: this alarm watches aws-node pods, and PODS is none',
    ],
    [
      { settings: { STATE_KEY: Fn.importValue('Key') } },
      'settings.STATE_KEY: must be known at synthesis: it cannot be a token',
    ],
    [
      { nodeSecurityGroupIds: Fn.split(',', Fn.importValue('Groups')) },
      'nodeSecurityGroupIds: must be a list of texts, not a list token',
    ],
    [
      { alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' } },
      'alarms.topicArn: is in us-east-1: it must be in the region of the cluster, eu-central-1',
    ],
  ])('%#', (options, fault) => {
    expect(faultsOf(options)).toEqual([`  ${fault}`]);
  });

  test('tokens stand for every other text', () => {
    expect(
      faultsOf({
        nodeSecurityGroupIds: [Fn.importValue('Nodes')],
        settings: {
          SUBNET_METRICS: true,
          SUBNET_IDS: [Fn.importValue('Subnet')],
          AWS_CLUSTER_ID: Fn.importValue('Id'),
        },
        alarms: { topicArn: Fn.importValue('Topic') },
        runbookUrl: Fn.importValue('Runbook'),
      }),
    ).toEqual([]);
  });
});

test('more subnets than the environment of a function can hold are refused', () => {
  const settings = (count: number) => ({
    SUBNET_METRICS: true,
    SUBNET_IDS: Array.from({ length: count }, (_, i) => `subnet-${String(i).padStart(17, '0')}`),
  });
  const build = (count: number) => collectorFor((scope) => imported(scope), { settings: settings(count) });
  expect(() => build(40)).not.toThrow();
  expect(() => build(160)).toThrow(/at least \d+ bytes, and Lambda accepts 4096: give fewer/);
});

test('two collectors fit into one stack', () => {
  const stack = new Stack(checkedApp(), 'Both', { env: ENV });
  const vpc = vpcOf(stack);
  for (const name of ['blue', 'green']) {
    const props: CniMetricsProps = {
      vpc,
      subnets: vpc.privateSubnets,
      cluster: { ...EXAMPLE.cluster, name },
      alarms: EXAMPLE.alarms,
      code: INLINE_CODE,
    };
    new CniMetrics(stack, name, props);
  }
  expect(resourcesOf(checkedTemplate(stack), 'AWS::Scheduler::Schedule')).toHaveLength(2);
});
