// Two clusters, watched from one stack. Their alarms go to the same SNS topic.
import { App, Aws, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-eks';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CniMetrics } from 'eks-cni-metrics';

const stack = new Stack(new App(), 'CniMetrics', {
  env: { account: '111122223333', region: 'eu-central-1' },
});

const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
});

const topic = new Topic(stack, 'OnCall', { enforceSSL: true });
// `enforceSSL` gives the topic a policy, which replaces the default one that lets alarms publish.
topic.addToResourcePolicy(
  new PolicyStatement({
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  }),
);
topic.addSubscription(new UrlSubscription('https://events.example.com/cloudwatch'));

for (const [name, clusterSecurityGroupId] of [
  ['blue', 'sg-0123456789abcdef0'],
  ['green', 'sg-0123456789abcdef1'],
] as const) {
  const cluster = Cluster.fromClusterAttributes(stack, `${name}-cluster`, {
    vpc,
    clusterName: name,
    clusterSecurityGroupId,
  });
  CniMetrics.forCluster(stack, name, { cluster, alarms: { topicArn: topic.topicArn } });
}
