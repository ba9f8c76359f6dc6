import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CLUSTER_ACCESS, partitionOf, type ScrapeWay } from '../lambda/contract.ts';
import type { AccessWay } from './access.ts';

interface CniOutputsProps {
  /** Undefined: the function does not use the cluster. */
  readonly access: AccessWay | undefined;
  readonly scrapeVia: ScrapeWay;
  readonly clusterName: string;
  readonly roleArn: string;
  readonly functionName: string;
  readonly dashboardName: string | undefined;
  readonly bucketName: string;
  /** Whether the bucket is deleted with the stack. */
  readonly isBucketDeleted: boolean;
}

/** jq programs that show an answer of the function to a person; the whole answer is one line of up to 305 KB. */
const SHOW_ERROR = 'elif .errorMessage then "\\(.errorType): \\(.errorMessage)" else empty end';
const SHOW_REPORT = `if .pods then "\\(.cluster) at \\(.time): \\(.pods.read) of \\(.pods.found) pods read", (.pods.failures[] | "\\(.count) not read, \\(.code): \\(.remedy)"), (.warnings[] | "warning \\(.code): \\(.message)"), (.metrics[] | "\\(.name) \\(.dimensions.SUBNET_ID // "") \\(.value // .statistics // "distribution")") ${SHOW_ERROR}`;
const SHOW_DIAGNOSIS = `if .steps then (.steps[] | "\\(.status) \\(.name): \\(.seen // "")", if .cause then "  cause: \\(.cause)", "  remedy: \\(.remedy)" else empty end), (.addresses.subnets // [] | .[] | "\\(.subnet) \\(.cidr): nodes \\(.nodes), clusters \\(.clusters), others \\(.others), leaked \\(.leaked), free \\(.free), free /28 blocks \\(.freePrefixes) and \\(.reservedFreePrefixes) reserved"), (.addresses.unknown // [] | .[] | "\\(.subnet): not known, \\(.why)") ${SHOW_ERROR}`;

/** What to do next, as commands that can be pasted into a shell. */
export class CniOutputs extends Construct {
  readonly all: readonly CfnOutput[];

  constructor(scope: Construct, id: string, props: CniOutputsProps) {
    super(scope, id);
    this.all = outputsFor(Stack.of(this).region, props).flatMap(([name, value, description]) =>
      value === undefined ? [] : [new CfnOutput(this, name, { value, description })],
    );
  }
}

type Output = readonly [name: string, value: string | undefined, description: string];

function outputsFor(region: string, props: CniOutputsProps): readonly Output[] {
  const { group, manifest } = CLUSTER_ACCESS[props.scrapeVia];
  const invoke = (payload: object, program: string) =>
    `aws lambda invoke --region ${region} --function-name ${props.functionName} --cli-binary-format raw-in-base64-out --payload '${JSON.stringify(payload)}' /dev/stdout | jq -r '${program}'`;
  return [
    ['RoleArn', props.roleArn, 'The role of the function in AWS and in the cluster'],
    [
      'MapRole',
      props.access === 'aws-auth'
        ? `eksctl create iamidentitymapping --cluster ${props.clusterName} --region ${region} --arn ${props.roleArn} --group ${group} --username cni-metrics`
        : undefined,
      'Run this once: it maps the role in the ConfigMap aws-auth',
    ],
    [
      'Kubectl',
      props.access && `kubectl apply -f ${manifest}`,
      'Run this once: it gives the role its permissions in the cluster',
    ],
    [
      'Dashboard',
      props.dashboardName && dashboardLink(region, props.dashboardName),
      'Has data within minutes of the first cycle',
    ],
    [
      'Invoke',
      invoke({ dryRun: true }, SHOW_REPORT),
      'Runs a cycle without publishing it, and shows its report',
    ],
    ['Diagnose', invoke({ diagnose: true }, SHOW_DIAGNOSIS), 'Shows what is wrong, step by step'],
    [
      'StateBucket',
      props.bucketName,
      props.isBucketDeleted
        ? 'Holds the state; deleted with the stack'
        : 'Holds the state; retained when the stack is deleted (docs/deploying.md, Uninstall)',
    ],
  ];
}

/** The name alone in a partition whose console is not public. A stack without a fixed region is taken to be commercial. */
function dashboardLink(region: string, name: string): string {
  const console = Token.isUnresolved(region)
    ? `${region}.console.aws.amazon.com`
    : partitionOf(region)?.console?.(region);
  return console
    ? `https://${console}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
    : `CloudWatch dashboard ${name}`;
}
