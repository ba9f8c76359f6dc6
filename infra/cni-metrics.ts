import { type CfnOutput, Token, Validations } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { defaultStateKey, S3_MANAGED_KEYS, type Variable } from '../lambda/contract.ts';
import { ClusterAccess } from './access.ts';
import { CniAlarms } from './alarms/alarms.ts';
import { AlarmTopics } from './alarms/topics.ts';
import { clusterOfApp, type ForClusterProps, warnOfAutoMode } from './cluster-of-app.ts';
import { CniDashboard } from './dashboard/dashboard.ts';
import { CollectorFunction, DEFAULT_TIMEOUT_SECONDS } from './function.ts';
import { CollectorNetwork } from './network.ts';
import type { ClusterOptions, CniMetricsOptions } from './options.ts';
import { CniOutputs } from './outputs.ts';
import { acknowledgements, denyVpcToCode, statements } from './policy.ts';
import { PUBLISHED_RUNBOOK } from './runbook.ts';
import { CollectorSchedule } from './schedule.ts';
import { validProps } from './schema/props.ts';
import {
  callsOf,
  clusterIdOf,
  DEFAULT_INTERVAL_MINUTES,
  ec2Actions,
  namespaceOf,
  type Settings,
  scrapeViaOf,
  variablesOf,
} from './settings.ts';
import { StateBucket } from './state-bucket.ts';

export interface CniMetricsProps extends CniMetricsOptions {
  readonly cluster: ClusterOptions;
  readonly vpc: IVpc;
  /** Subnets of the function, one for each zone, from which it reaches the API server and AWS. Not those of the pods. */
  readonly subnets: readonly ISubnet[];
}

/** The collector of one cluster and all that belongs to it. */
export class CniMetrics extends Construct {
  readonly collector: CollectorFunction;
  readonly stateBucket: StateBucket;
  readonly schedule: CollectorSchedule;
  readonly dashboard: CniDashboard | undefined;
  /** Commands and addresses, of the stack that holds the construct. */
  readonly outputs: readonly CfnOutput[];

  /** For a cluster of the app: VPC, subnets, endpoint, CA and security group come from it. */
  static forCluster(scope: Construct, id: string, props: ForClusterProps): CniMetrics {
    const { cluster, subnets: _, ...options } = props;
    const metrics = new CniMetrics(scope, id, { ...options, ...clusterOfApp(scope, props) });
    warnOfAutoMode(metrics, cluster, props.settings);
    return metrics;
  }

  constructor(scope: Construct, id: string, props: CniMetricsProps) {
    super(scope, id);
    const { settings = {} } = validProps(this, props);
    const { cluster, vpc, subnets } = props;
    const intervalMinutes = settings.METRIC_UPDATE_INTERVAL ?? DEFAULT_INTERVAL_MINUTES;
    const timeoutSeconds = props.function?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const stateKey = settings.STATE_KEY ?? stateKeyFor(cluster.name);
    const encryptionKey = props.kmsKeyArn ? Key.fromKeyArn(this, 'Key', props.kmsKeyArn) : undefined;
    this.stateBucket = new StateBucket(this, 'State', { ...props.state, stateKey, encryptionKey });
    const calls = callsOf(settings, cluster);
    const readsPods = settings.PODS !== 'none';
    const network = new CollectorNetwork(this, 'Network', {
      vpc,
      subnets,
      clusterSecurityGroupId: cluster.securityGroupId,
      nodeSecurityGroupIds: props.nodeSecurityGroupIds ?? [],
      scrapeVia: readsPods ? scrapeViaOf(settings) : undefined,
      endpoints: props.endpoints ?? [],
      s3PrefixListId: props.s3PrefixListId,
      calls,
    });
    const { bucket } = this.stateBucket;
    const variables: Partial<Record<Variable, string>> = {
      ...variablesOf(settings),
      CLUSTER_NAME: cluster.name,
      ...(cluster.endpoint && { CLUSTER_ENDPOINT: cluster.endpoint }),
      ...(cluster.certificateAuthority && { CLUSTER_CA: cluster.certificateAuthority }),
      STATE_BUCKET: bucket.bucketName,
      STATE_KEY: stateKey,
      STATE_ENCRYPTION: encryptionKey?.keyArn ?? S3_MANAGED_KEYS,
    };
    this.collector = new CollectorFunction(this, 'Function', {
      ...props.function,
      vpc,
      subnets,
      securityGroup: network.securityGroup,
      environment: { ...variables, ...network.endpoints.variables },
      encryptionKey,
      code: props.code,
    });
    const rights = {
      clusterName: cluster.name,
      calls,
      logGroupArn: this.collector.logGroup.logGroupArn,
      bucket,
      stateKey,
      settings,
      encryptionKey,
    };
    this.collector.allow(statements(this, rights));
    Validations.of(this.collector.role).acknowledge(...acknowledgements(rights));
    this.collector.deny(denyVpcToCode(this.collector.function.functionArn, settings));
    this.stateBucket.onlyWrittenBy(this.collector.role);
    network.endpoints.restrictTo({ role: this.collector.role, bucket, ec2Actions: ec2Actions(settings) });
    const way = readsPods ? (props.access ?? 'access-entry') : undefined;
    const access = new ClusterAccess(this, 'Access', {
      way,
      clusterName: cluster.name,
      role: this.collector.role,
      scrapeVia: scrapeViaOf(settings),
    });
    this.schedule = new CollectorSchedule(this, 'Schedule', {
      function: this.collector.function,
      intervalMinutes,
      encryptionKey,
    });
    // The first tick comes within the interval: it must find the role known to the cluster.
    this.schedule.node.addDependency(this.collector, access);
    this.dashboard = this.#watch(props, { intervalMinutes, timeoutSeconds, settings, encryptionKey });
    this.outputs = new CniOutputs(this, 'Outputs', {
      access: way,
      scrapeVia: scrapeViaOf(settings),
      clusterName: cluster.name,
      roleArn: this.collector.role.roleArn,
      functionName: this.collector.function.functionName,
      dashboardName: this.dashboard?.dashboard.dashboardName,
      bucketName: bucket.bucketName,
      isBucketDeleted: props.state?.removal === 'destroy',
    }).all;
  }

  /** Alarms, and a dashboard that shows them. */
  #watch(
    { cluster, dashboard = true, alarms = {}, runbookUrl = PUBLISHED_RUNBOOK }: CniMetricsProps,
    { settings, encryptionKey, ...timing }: Watching,
  ): CniDashboard | undefined {
    if (!dashboard && !alarms) return undefined;
    const clusterId = clusterIdOf(settings, cluster.name);
    if (clusterId === undefined) return undefined;
    const { function: collector, logGroup } = this.collector;
    const watched = {
      ...timing,
      clusterId,
      namespace: namespaceOf(settings),
      function: collector,
      subnetMetrics: settings.SUBNET_METRICS ?? false,
      hasPods: settings.PODS !== 'none',
      runbookUrl,
    };
    const watching =
      alarms &&
      new CniAlarms(this, 'Alarms', {
        ...watched,
        deadLetterQueue: this.schedule.deadLetterQueue,
        topics: new AlarmTopics(this, 'AlarmTopics', { ...alarms, encryptionKey }).topics,
        overrides: alarms.overrides,
      });
    if (!dashboard) return undefined;
    return new CniDashboard(this, 'Dashboard', {
      ...watched,
      clusterName: cluster.name,
      logGroup,
      ...(watching && { alarms: watching.alarms }),
    });
  }
}

interface Watching {
  readonly intervalMinutes: number;
  readonly timeoutSeconds: number;
  readonly settings: Settings;
  readonly encryptionKey: IKey | undefined;
}

/** The key stands in names that must be known at synthesis, which a token is not. The bucket holds no other state. */
const stateKeyFor = (clusterName: string): string =>
  defaultStateKey(Token.isUnresolved(clusterName) ? 'cluster' : clusterName);
