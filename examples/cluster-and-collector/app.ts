// A cluster and its collector in one stack. VPC, private subnets, endpoint, CA and security group come from the cluster.
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Cluster, DefaultCapacityType, KubernetesVersion } from 'aws-cdk-lib/aws-eks-v2';
import { CniMetrics } from 'eks-cni-metrics';

// With `env`, the synthesis asks the account for its availability zones, which needs credentials.
const stack = new Stack(new App(), 'Cluster');

const cluster = new Cluster(stack, 'Cluster', {
  version: KubernetesVersion.V1_34,
  // The default is Auto Mode, whose nodes have no aws-node pods.
  defaultCapacityType: DefaultCapacityType.NODEGROUP,
});

const { dashboard } = CniMetrics.forCluster(stack, 'CniMetrics', {
  cluster,
  settings: { SUBNET_METRICS: true },
  // Creates a topic for each severity. The address must confirm both.
  alarms: { email: 'on-call@example.com' },
});

if (dashboard) new CfnOutput(stack, 'DashboardName', { value: dashboard.dashboard.dashboardName });
