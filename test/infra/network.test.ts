import { describe, expect, test } from 'vitest';
import { EXAMPLE, resourcesOf, templateOf } from '../support/stack-template.ts';

const API_SERVER_RULE = {
  Description: 'CNI metrics collector to the API server',
  GroupId: 'sg-0123456789abcdef0',
  SourceSecurityGroupId: '<NetworkSecurityGroup.GroupId>',
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
};

describe('the way to the API server', () => {
  test('leads from a group of its own, which lets nothing in and only TLS out', () => {
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
});

describe('VPC endpoints', () => {
  const { endpoint: _, certificateAuthority: __, ...asksEks } = EXAMPLE.cluster;
  const all = () =>
    templateOf({
      cluster: asksEks,
      endpoints: ['monitoring', 's3', 'eks', 'ec2'],
      settings: { SUBNET_METRICS: true },
    });

  test('are not made unless asked for', () => {
    templateOf().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });

  test('serve the function alone: no private DNS, one security group that takes its calls', () => {
    const service = (name: string) => ({
      ServiceName: `com.amazonaws.eu-central-1.${name}`,
      VpcEndpointType: 'Interface',
      VpcId: 'vpc-0123456789abcdef0',
      PrivateDnsEnabled: false,
      SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      SecurityGroupIds: ['<NetworkEndpointSecurityGroup.GroupId>'],
    });
    expect(resourcesOf(all(), 'AWS::EC2::VPCEndpoint')).toEqual([
      {
        ServiceName: 'com.amazonaws.<AWS::Region>.s3',
        VpcEndpointType: 'Gateway',
        VpcId: 'vpc-0123456789abcdef0',
        RouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
      },
      service('monitoring'),
      service('eks'),
      service('ec2'),
    ]);
    expect(resourcesOf(all(), 'AWS::EC2::SecurityGroupIngress')).toContainEqual({
      Description: 'CNI metrics collector',
      GroupId: '<NetworkEndpointSecurityGroup.GroupId>',
      SourceSecurityGroupId: '<NetworkSecurityGroup.GroupId>',
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
    });
  });

  test('are told to the AWS SDK by name, the first of each', () => {
    const template = all();
    const endpoints = template.findResources('AWS::EC2::VPCEndpoint');
    const [lambda] = Object.values(template.findResources('AWS::Lambda::Function'));
    const nameOf = (service: string) => {
      const id = Object.keys(endpoints).find((name) => name.includes(`Endpoint${service}`));
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
    const template = templateOf({ region: 'cn-north-1', endpoints: ['monitoring', 's3'] });
    const names = resourcesOf(template, 'AWS::EC2::VPCEndpoint').map(({ ServiceName }) => ServiceName);
    expect(names).toEqual(['com.amazonaws.<AWS::Region>.s3', 'cn.com.amazonaws.cn-north-1.monitoring']);
  });
});
