import { describe, expect, test } from 'vitest';
import type { Entry } from '../../infra/entry.ts';
import { EXAMPLE, type Json, resourcesOf, templateOf } from '../support/stack-template.ts';

const API_SERVER_RULE = {
  Description: 'CNI metrics collector to the API server',
  GroupId: 'sg-0123456789abcdef0',
  SourceSecurityGroupId: '<NetworkSecurityGroup.GroupId>',
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
};

describe('the path to the API server', () => {
  test('leads from a security group of its own, without ingress and with TLS egress only', () => {
    const out = { Description: 'API server and AWS', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    expect(resourcesOf(templateOf(), 'AWS::EC2::SecurityGroup')).toEqual([
      {
        GroupDescription: 'CNI metrics collector',
        VpcId: 'vpc-0123456789abcdef0',
        SecurityGroupEgress: [
          { ...out, CidrIp: '0.0.0.0/0' },
          { ...out, CidrIpv6: '::/0' },
        ],
      },
    ]);
  });

  test('is opened at the cluster security group', () => {
    expect(resourcesOf(templateOf(), 'AWS::EC2::SecurityGroupIngress')).toEqual([API_SERVER_RULE]);
  });
});

test('the metrics port is opened at every node security group named, for the API server alone', () => {
  const rule = (GroupId: string) => ({
    Description: 'API server to the metrics of aws-node',
    GroupId,
    SourceSecurityGroupId: 'sg-0123456789abcdef0',
    IpProtocol: 'tcp',
    FromPort: 61678,
    ToPort: 61678,
  });
  const template = templateOf({ nodeSecurityGroupIds: ['sg-00000000000000001', 'sg-00000000000000002'] });
  expect(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([
    API_SERVER_RULE,
    rule('sg-00000000000000001'),
    rule('sg-00000000000000002'),
  ]);
  template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
});

test.each(['access-entry', 'aws-auth'] as const)(
  'with PODS=none and %s, nothing leads to the cluster',
  (access) => {
    const template = templateOf({
      access,
      settings: { PODS: 'none', SUBNET_METRICS: true },
      nodeSecurityGroupIds: ['sg-00000000000000001'],
      endpoints: ['monitoring', 's3', 'ec2'],
      s3PrefixListId: 'pl-00000000000000002',
    });
    template.resourceCountIs('AWS::EKS::AccessEntry', 0);
    const descriptionsOf = (type: string) =>
      resourcesOf(template, type).map(({ Description }) => Description);
    expect(descriptionsOf('AWS::EC2::SecurityGroupIngress')).toEqual(['CNI metrics collector']);
    expect(descriptionsOf('AWS::EC2::SecurityGroupEgress')).toEqual(['S3', 'VPC endpoints']);
    const outputs = ['RoleArn', 'Dashboard', 'Invoke', 'Diagnose', 'StateBucket'];
    expect(Object.keys(template.findOutputs('*')).filter((name) => !name.startsWith('Boot'))).toEqual(
      outputs,
    );
  },
);

describe('with SCRAPE_VIA=node', () => {
  const rule = (GroupId: string) => ({
    Description: 'CNI metrics collector to the metrics of aws-node',
    GroupId,
    SourceSecurityGroupId: '<NetworkSecurityGroup.GroupId>',
    IpProtocol: 'tcp',
    FromPort: 61678,
    ToPort: 61678,
  });
  const egress = (DestinationSecurityGroupId: string) => {
    const { SourceSecurityGroupId, ...rest } = rule('<NetworkSecurityGroup.GroupId>');
    return { ...rest, DestinationSecurityGroupId };
  };

  test.each([
    { nodeSecurityGroupIds: ['sg-00000000000000001', 'sg-00000000000000002'] },
    { nodeSecurityGroupIds: undefined },
  ])('the metrics port is opened for the function alone, both ways: $nodeSecurityGroupIds', (groups) => {
    const template = templateOf({ ...groups, settings: { SCRAPE_VIA: 'node' } });
    const nodes = groups.nodeSecurityGroupIds ?? ['sg-0123456789abcdef0'];
    expect(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([
      API_SERVER_RULE,
      ...nodes.map(rule),
    ]);
    expect(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress')).toEqual(nodes.map(egress));
  });
});

describe('VPC endpoints', () => {
  const { endpoint: _, certificateAuthority: __, ...asksEks } = EXAMPLE.cluster;
  const all = () =>
    templateOf({
      cluster: asksEks,
      endpoints: ['monitoring', 's3', 'eks', 'ec2'],
      settings: { SUBNET_METRICS: true },
    });

  /** Of an endpoint: lets only the function's role through. */
  const policyFor = (actions: readonly string[], resources: Json) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: actions.length === 1 ? actions[0] : actions,
        Resource: resources,
        Condition: { ArnEquals: { 'aws:PrincipalArn': '<FunctionRole.Arn>' } },
      },
    ],
  });

  test('are not created unless requested', () => {
    templateOf().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });

  test('serve the function alone: no private DNS, its security group, its role and its calls', () => {
    const service = (name: string, ...actions: string[]) => ({
      ServiceName: `com.amazonaws.eu-central-1.${name}`,
      VpcEndpointType: 'Interface',
      VpcId: 'vpc-0123456789abcdef0',
      PrivateDnsEnabled: false,
      SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      SecurityGroupIds: ['<NetworkEndpointsSecurityGroup.GroupId>'],
      PolicyDocument: policyFor(actions, '*'),
    });
    const bucket = ['<State.Arn>', '<State.Arn>/*'];
    expect(resourcesOf(all(), 'AWS::EC2::VPCEndpoint')).toEqual([
      {
        ServiceName: 'com.amazonaws.<AWS::Region>.s3',
        VpcEndpointType: 'Gateway',
        VpcId: 'vpc-0123456789abcdef0',
        RouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
        PolicyDocument: policyFor(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], bucket),
      },
      service('monitoring', 'cloudwatch:PutMetricData'),
      service('eks', 'eks:DescribeCluster'),
      service('ec2', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:GetSubnetCidrReservations'),
    ]);
    expect(resourcesOf(all(), 'AWS::EC2::SecurityGroupIngress')).toContainEqual({
      Description: 'CNI metrics collector',
      GroupId: '<NetworkEndpointsSecurityGroup.GroupId>',
      SourceSecurityGroupId: '<NetworkSecurityGroup.GroupId>',
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
    });
  });

  test('are given to the AWS SDK by name, the first of each', () => {
    const template = all();
    const endpoints = template.findResources('AWS::EC2::VPCEndpoint');
    const [lambda] = Object.values(template.findResources('AWS::Lambda::Function'));
    const nameOf = (service: string) => {
      const id = Object.keys(endpoints).find((name) => name.includes(`Endpoints${service}`));
      const first = { 'Fn::Select': [0, { 'Fn::GetAtt': [id, 'DnsEntries'] }] };
      return { 'Fn::Join': ['', ['https://', { 'Fn::Select': [1, { 'Fn::Split': [':', first] }] }]] };
    };
    expect(lambda?.Properties.Environment.Variables).toMatchObject({
      AWS_ENDPOINT_URL_CLOUDWATCH: nameOf('monitoring'),
      AWS_ENDPOINT_URL_EKS: nameOf('eks'),
      AWS_ENDPOINT_URL_EC2: nameOf('ec2'),
    });
  });

  test('are named after the partition of the region', () => {
    const template = templateOf({ region: 'cn-north-1', alarms: false, endpoints: ['monitoring', 's3'] });
    const names = resourcesOf(template, 'AWS::EC2::VPCEndpoint').map(({ ServiceName }) => ServiceName);
    expect(names).toEqual(['com.amazonaws.<AWS::Region>.s3', 'cn.com.amazonaws.cn-north-1.monitoring']);
  });

  describe('for all calls limit the egress', () => {
    const egressOf = (changes: Partial<Entry>) => {
      const template = templateOf({ s3PrefixListId: 'pl-6ea54007', ...changes });
      const [own] = resourcesOf(template, 'AWS::EC2::SecurityGroup').filter(
        ({ GroupDescription }) => GroupDescription === 'CNI metrics collector',
      );
      const inline = Array.isArray(own?.SecurityGroupEgress) ? own.SecurityGroupEgress : [];
      return [...inline, ...resourcesOf(template, 'AWS::EC2::SecurityGroupEgress')].map((rule) => {
        const { CidrIp, CidrIpv6, DestinationPrefixListId, DestinationSecurityGroupId } = Object(rule);
        return CidrIp ?? CidrIpv6 ?? DestinationPrefixListId ?? DestinationSecurityGroupId;
      });
    };
    const EVERYWHERE = ['0.0.0.0/0', '::/0'];
    /** The first, to nowhere, is in the group itself: EC2 adds a rule for everything to a group without rules. */
    const LIMITED = [
      '255.255.255.255/32',
      'pl-6ea54007',
      'sg-0123456789abcdef0',
      '<NetworkEndpointsSecurityGroup.GroupId>',
    ];

    test.each<[string, Partial<Entry>, string[]]>([
      ['to API server, endpoints and S3', { endpoints: ['monitoring', 's3'] }, LIMITED],
      [
        'not without the prefix list',
        { endpoints: ['monitoring', 's3'], s3PrefixListId: undefined },
        EVERYWHERE,
      ],
      ['not where S3 is reached in another way', { endpoints: ['monitoring'] }, EVERYWHERE],
      [
        'not where EC2 is reached in another way',
        { endpoints: ['monitoring', 's3'], settings: { SUBNET_METRICS: true } },
        EVERYWHERE,
      ],
      [
        'with every call',
        {
          cluster: asksEks,
          endpoints: ['monitoring', 's3', 'eks', 'ec2'],
          settings: { SUBNET_METRICS: true },
        },
        LIMITED,
      ],
    ])('%s', (_, changes, egress) => {
      expect(egressOf(changes)).toEqual(egress);
    });
  });
});
