import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { READER_GROUP } from '../lambda/contract.ts';
import { CniMetrics } from './cni-metrics.ts';
import { type Entry, stackNameOf } from './entry.ts';

/** One entry of the configuration as a stack, with outputs that can be pasted into a shell. */
export class CniMetricsStack extends Stack {
  readonly metrics: CniMetrics;

  /** @param code the function's code; the bundle unless a test brings its own */
  constructor(scope: Construct, entry: Entry, code?: Code) {
    const { account, region, cluster, vpcId, subnets, ...options } = entry;
    super(scope, stackNameOf(entry), {
      env: { account, region },
      description: `CNI metrics of the EKS cluster ${cluster.name}. Deleting it leaves only the state bucket.`,
    });
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId,
      availabilityZones: subnets.map(({ availabilityZone }) => availabilityZone),
    });
    this.metrics = new CniMetrics(this, 'CniMetrics', {
      ...options,
      cluster,
      vpc,
      subnets: subnets.map(({ id, availabilityZone, routeTableId }) =>
        Subnet.fromSubnetAttributes(this, id, { subnetId: id, availabilityZone, routeTableId }),
      ),
      code,
    });
    this.#output(entry);
  }

  #output({ access, cluster, region, state }: Entry): void {
    const { collector, dashboard, stateBucket } = this.metrics;
    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });
    output('RoleArn', collector.role.roleArn, 'The role the function has in AWS and in the cluster');
    if (access === 'aws-auth')
      output(
        'MapRole',
        `eksctl create iamidentitymapping --cluster ${cluster.name} --region ${region} --arn ${collector.role.roleArn} --group ${READER_GROUP} --username cni-metrics`,
        'Run this once: it maps the role in the ConfigMap aws-auth',
      );
    if (access !== 'admin-view-policy')
      output(
        'Kubectl',
        'kubectl apply -f infra/rbac.yaml',
        'Run this once: it gives the role its rights in the cluster',
      );
    if (dashboard)
      output(
        'Dashboard',
        `https://${consoleOf(region)}/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboard.dashboardName}`,
        'Fills within minutes of the first cycle',
      );
    const invoke = `aws lambda invoke --region ${region} --function-name ${collector.function.functionName}`;
    output('Invoke', `${invoke} /dev/stdout`, 'Runs a cycle and shows its report');
    output(
      'Diagnose',
      `${invoke} --cli-binary-format raw-in-base64-out --payload '{"diagnose":true}' /dev/stdout`,
      'Says what is wrong, step by step',
    );
    output(
      'StateBucket',
      stateBucket.bucket.bucketName,
      state?.removal === 'destroy'
        ? 'Holds the readings; deleted with the stack'
        : 'Holds the readings; stays when the stack is deleted. Remove it with: aws s3 rb --force s3://BUCKET',
    );
  }
}

/** Each partition has a console of its own. */
function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  if (region.startsWith('us-gov-')) return 'console.amazonaws-us-gov.com';
  return `${region}.console.aws.amazon.com`;
}
