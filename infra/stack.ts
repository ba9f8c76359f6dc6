import {
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  PermissionsBoundary,
  Stack,
  Tags,
} from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { CniMetrics } from './cni-metrics.ts';
import { type Entry, stackNameOf } from './entry.ts';

/** One entry of the configuration as a stack. */
export class CniMetricsStack extends Stack {
  readonly metrics: CniMetrics;

  /** @param code the function's code; the bundle unless a test brings its own */
  constructor(scope: Construct, entry: Entry, code?: Code) {
    const { stackName: _, account, region, cluster, vpcId, subnets, ...more } = entry;
    const { tags, permissionsBoundary, bootstrapQualifier: qualifier, ...options } = more;
    super(scope, stackNameOf(entry), {
      env: { account, region },
      ...(tags && { tags }),
      ...(permissionsBoundary && { permissionsBoundary: PermissionsBoundary.fromArn(permissionsBoundary) }),
      ...(qualifier && { synthesizer: new DefaultStackSynthesizer({ qualifier }) as IStackSynthesizer }),
      description: `CNI metrics of the EKS cluster ${cluster.name}. Deleting it leaves the state bucket and the log.`,
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
    // Those of the stack are not in the template: CloudFormation adds them at deployment.
    for (const [key, value] of Object.entries(tags ?? {})) Tags.of(this).add(key, value);
    // Short names, as scripts and documents use them; in somebody's own stack they begin with the construct's.
    for (const output of this.metrics.outputs) output.overrideLogicalId(output.node.id);
  }
}
