import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { AccessWay } from './access.ts';
import type { CniAlarmsProps } from './alarms/alarms.ts';
import type { FunctionOptions } from './function.ts';
import type { Endpoint } from './network.ts';
import type { Settings } from './settings.ts';
import type { StateBucketProps } from './state-bucket.ts';

/** What may be chosen for any cluster. */
export interface CniMetricsOptions {
  /** How the cluster comes to know the function's role. @default 'access-entry' */
  readonly access?: AccessWay | undefined;
  /**
   * Security groups of nodes that do not carry the cluster security group: opened on tcp/61678 for the API server.
   * @default - none
   */
  readonly nodeSecurityGroupIds?: readonly string[] | undefined;
  /** VPC endpoints to make, for subnets without a NAT gateway. @default - none */
  readonly endpoints?: readonly Endpoint[] | undefined;
  readonly settings?: Settings | undefined;
  readonly function?: FunctionOptions | undefined;
  readonly state?: StateBucketProps | undefined;
  /** One page for the on-call. @default true */
  readonly dashboard?: boolean | undefined;
  /** `false`: none. @default - those of infra/alarms, which tell nobody */
  readonly alarms?: AlarmOptions | false | undefined;
  /** Where docs/runbook.md can be read; dashboard and alarms link to it. @default - its path in this repository */
  readonly runbookUrl?: string | undefined;
  /** The function's code. @default - the bundle, built at synth */
  readonly code?: Code | undefined;
}

export interface AlarmOptions {
  /** Told when an alarm fires and when it is over. @default - nobody */
  readonly topicArn?: string | undefined;
  /** By alarm: `false` leaves it out, `true` brings one that is off by default, or what to change. */
  readonly overrides?: CniAlarmsProps['overrides'];
}

/** The cluster, as EKS describes it. */
export interface ClusterIdentity {
  readonly name: string;
  /** URL of the API server; with the CA, the function need not ask EKS. @default - eks:DescribeCluster at run time */
  readonly endpoint?: string | undefined;
  /** Base64 of the PEM, as in `certificateAuthority.data`. Both or neither. @default - as endpoint */
  readonly certificateAuthority?: string | undefined;
  readonly securityGroupId: string;
}
