import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { AccessWay } from './access.ts';
import type { AlarmOverrides } from './alarms/selection.ts';
import type { TopicOptions } from './alarms/topics.ts';
import type { FunctionOptions } from './function.ts';
import type { Settings } from './settings.ts';
import type { StateBucketOptions } from './state-bucket.ts';
import type { Endpoint } from './vpc-endpoints.ts';

/** What can be chosen for any cluster. */
export interface CniMetricsOptions {
  /** How the cluster maps the function's role. @default 'access-entry' */
  readonly access?: AccessWay | undefined;
  /**
   * Security groups of nodes that do not carry the cluster security group; the stack opens tcp/61678 for the API server.
   * With SCRAPE_VIA=node: one security group of every node; the stack opens tcp/61678 there for the function.
   * @default - none; with SCRAPE_VIA=node the cluster security group
   */
  readonly nodeSecurityGroupIds?: readonly string[] | undefined;
  /** VPC endpoints to create, for subnets without a NAT gateway. @default - none */
  readonly endpoints?: readonly Endpoint[] | undefined;
  /**
   * The region's prefix list of S3. With it, and with endpoints for all calls, the function's egress is limited to the API
   * server, the endpoints and S3. @default - egress to tcp/443 everywhere
   */
  readonly s3PrefixListId?: string | undefined;
  readonly settings?: Settings | undefined;
  readonly function?: FunctionOptions | undefined;
  readonly state?: StateBucketOptions | undefined;
  /**
   * Encrypts state, log, dead-letter queue and the topics of `alarms.email`. Its policy must let the account's IAM policies decide,
   * and must allow `logs.<region>.amazonaws.com`, and with `alarms.email` `cloudwatch.amazonaws.com`, to use it. @default - keys of the services
   */
  readonly kmsKeyArn?: string | undefined;
  /** One page for the on-call. @default true */
  readonly dashboard?: boolean | undefined;
  /** `false`: none. @default - those of infra/alarms, which notify nobody */
  readonly alarms?: AlarmOptions | false | undefined;
  /** Where docs/runbook.md can be read; dashboard and alarms link to it. @default - the repository of package.json, or no link */
  readonly runbookUrl?: string | undefined;
  /** The function's code. @default - the bundle, built at synth */
  readonly code?: Code | undefined;
}

export interface AlarmOptions extends TopicOptions {
  /** By alarm: `false` removes it, `true` adds one that is off by default, or what to change. */
  readonly overrides?: AlarmOverrides | undefined;
}

/** The cluster, as EKS describes it. */
export interface ClusterOptions {
  readonly name: string;
  /** URL of the API server; with the CA, the function does not need EKS. @default - eks:DescribeCluster at run time */
  readonly endpoint?: string | undefined;
  /** Base64 of the PEM, as in `certificateAuthority.data`. Both or neither. @default - as endpoint */
  readonly certificateAuthority?: string | undefined;
  readonly securityGroupId: string;
}
