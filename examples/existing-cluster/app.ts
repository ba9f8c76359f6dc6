// A cluster that exists. `aws eks describe-cluster --name production` shows its attributes.
import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-eks';
import { CniMetrics } from 'eks-cni-metrics';

const stack = new Stack(new App(), 'CniMetrics', {
  env: { account: '111122223333', region: 'eu-central-1' },
});

// Vpc.fromLookup finds the same with credentials for the account.
const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
});

const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
  vpc,
  clusterName: 'production',
  clusterSecurityGroupId: 'sg-0123456789abcdef0',
  // With clusterEndpoint and clusterCertificateAuthorityData the function does not ask EKS for them.
});

CniMetrics.forCluster(stack, 'CniMetrics', {
  cluster,
  // Nodes that do not carry the cluster security group: opens tcp/61678 for the API server.
  nodeSecurityGroupIds: ['sg-0123456789abcdef1'],
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call' },
});
