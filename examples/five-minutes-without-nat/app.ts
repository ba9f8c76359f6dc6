// EventBridge Scheduler starts a cycle every five minutes, which costs a fifth in audit logs; counters lose nothing. The function is in
// subnets without a NAT gateway and reaches AWS through endpoints that only it can use.
import { App, Stack } from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CniMetrics } from 'eks-cni-metrics';

const stack = new Stack(new App(), 'CniMetrics', {
  env: { account: '111122223333', region: 'eu-central-1' },
});

const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
});

// The S3 endpoint is a route: nothing else in subnets with these route tables can use S3 through it.
const subnets = [
  ['subnet-0123456789abcdef0', 'eu-central-1a', 'rtb-0123456789abcdef0'],
  ['subnet-0123456789abcdef1', 'eu-central-1b', 'rtb-0123456789abcdef1'],
] as const;

new CniMetrics(stack, 'CniMetrics', {
  // Without endpoint and certificateAuthority the function asks EKS for them, so it needs the endpoint `eks`.
  cluster: { name: 'production', securityGroupId: 'sg-0123456789abcdef0' },
  vpc,
  subnets: subnets.map(([subnetId, availabilityZone, routeTableId]) =>
    Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, availabilityZone, routeTableId }),
  ),
  settings: { METRIC_UPDATE_INTERVAL: 5, SUBNET_METRICS: true },
  endpoints: ['monitoring', 's3', 'eks', 'ec2'],
  // aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.eu-central-1.s3
  s3PrefixListId: 'pl-0123456789abcdef0',
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call' },
});
