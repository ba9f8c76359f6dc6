import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  DashboardVariable,
  DefaultValue,
  PeriodOverride,
  Values,
  VariableInputType,
  VariableType,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CLUSTER_DIMENSION, DEFAULT_NAMESPACE } from '../../lambda/contract.ts';
import { IN_EVERY_CYCLE } from '../without-pods.ts';
import { addressRows, subnetRows } from './addresses.ts';
import { ClusterMetrics, wholeCycles } from './cluster-metrics.ts';
import { collectorRows } from './collector.ts';
import { FULL_NODES_QUERY } from './full-nodes.ts';
import { holdingsRows } from './holdings.ts';
import { ipamdRows } from './ipamd.ts';
import { type Summary, summaryRows } from './summary.ts';
import { logTable } from './widgets.ts';

export interface CniDashboardProps extends Summary {
  /** Value of the dimension CLUSTER_ID. */
  readonly clusterId: string;
  /** @default DEFAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  readonly function: IFunction;
  readonly timeoutSeconds: number;
  /** Where the function writes its log, for the table of full nodes. */
  readonly logGroup: ILogGroup;
  /** Whether SUBNET_METRICS is on. */
  readonly subnetMetrics: boolean;
}

/** A datapoint of graphs: not so fine that a week cannot be drawn, and kept by CloudWatch for 63 days. */
const DATAPOINT_MINUTES = 5;

/** One page for the on-call: whether something is wrong, where, and whether the page is complete. */
export class CniDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: CniDashboardProps) {
    super(scope, id);
    const { clusterName, clusterId, namespace = DEFAULT_NAMESPACE, intervalMinutes } = props;
    const cluster = new ClusterMetrics(namespace, clusterId);
    const minutes = wholeCycles(DATAPOINT_MINUTES, intervalMinutes);
    this.dashboard = new Dashboard(this, 'Resource', {
      // Dashboards are global to an account: clusters of two regions may have one name.
      dashboardName: `cni-${clusterName}-${Stack.of(this).region}`,
      defaultInterval: Duration.hours(3),
      // The period of each graph is part of its meaning: "per 5 min" must stay so when the range changes.
      periodOverride: PeriodOverride.INHERIT,
      variables: [clusterVariable(namespace, clusterId)],
      widgets: [
        ...summaryRows(cluster, props),
        ...(props.hasPods
          ? [
              ...addressRows(cluster, minutes),
              [logTable('The ten fullest nodes', props.logGroup, FULL_NODES_QUERY)],
            ]
          : []),
        ...(props.subnetMetrics
          ? [...subnetRows(cluster, props, minutes), ...holdingsRows(cluster, props.logGroup, minutes)]
          : []),
        ...(props.hasPods ? ipamdRows(cluster, minutes) : []),
        ...collectorRows(cluster, props, minutes),
      ],
    });
  }
}

/** A property variable: it changes dimensions, not the text of searches or the names of functions. */
const clusterVariable = (namespace: string, clusterId: string): DashboardVariable =>
  new DashboardVariable({
    id: 'cluster',
    label: 'Cluster',
    type: VariableType.PROPERTY,
    value: CLUSTER_DIMENSION,
    inputType: VariableInputType.SELECT,
    values: Values.fromSearch(
      `{"${namespace}","${CLUSTER_DIMENSION}"} MetricName="${IN_EVERY_CYCLE}"`,
      CLUSTER_DIMENSION,
    ),
    defaultValue: DefaultValue.value(clusterId),
  });
