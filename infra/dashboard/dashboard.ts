import { Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  Column,
  Dashboard,
  DashboardVariable,
  DefaultValue,
  type IAlarm,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  PeriodOverride,
  Row,
  TextWidget,
  Values,
  VariableInputType,
  VariableType,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CLUSTER_DIMENSION, DEFAULT_NAMESPACE, type MetricName } from '../../lambda/contract.ts';
import { addressRows, subnetRows } from './addresses.ts';
import { ClusterMetrics, wholeCycles } from './cluster-metrics.ts';
import { collectorRows } from './collector.ts';
import { FULL_NODES_QUERY } from './full-nodes.ts';
import { ipamdRows } from './ipamd.ts';
import { COLUMNS, numbers } from './widgets.ts';

export interface CniDashboardProps {
  /** In the dashboard's name. */
  readonly clusterName: string;
  /** Value of the dimension CLUSTER_ID. */
  readonly clusterId: string;
  /** @default DEFAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  readonly function: IFunction;
  readonly timeoutSeconds: number;
  /** Where the function writes its log, for the table of full nodes. */
  readonly logGroup: ILogGroup;
  /** Minutes between two cycles. */
  readonly intervalMinutes: number;
  /** Whether SUBNET_METRICS is on. */
  readonly subnetMetrics: boolean;
  /** Where docs/runbook.md can be read. @default - no link */
  readonly runbookUrl: string | undefined;
  /** Alarms whose states are shown. @default - none */
  readonly alarms?: readonly IAlarm[] | undefined;
}

/** Published by every cycle that publishes at all: shows which clusters the namespace contains. */
const IN_EVERY_CYCLE: MetricName = 'awsNodePods';

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
        ...addressRows(cluster, minutes),
        [fullNodes(props.logGroup)],
        ...(props.subnetMetrics ? subnetRows(cluster, minutes) : []),
        ...ipamdRows(cluster, minutes),
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

function summaryRows(cluster: ClusterMetrics, props: CniDashboardProps): IWidget[][] {
  const { intervalMinutes, alarms = [] } = props;
  const latest = (name: MetricName, label: string) =>
    cluster.metric(name, 'Average', intervalMinutes, { label });
  const text = new TextWidget({ markdown: explanation(props), width: 9, height: 6 });
  const figures = new Column(
    new Row(
      numbers('In use', 5, latest('assignIPAddresses', 'addresses')),
      numbers('Held', 5, latest('totalIPAddresses', 'addresses')),
      numbers('Warm', 5, latest('warmIPAddresses', 'addresses')),
    ),
    new Row(
      numbers('Pool in use', 5, cluster.ratio('poolUtilization', intervalMinutes, { label: '%' })),
      numbers(
        'Network interfaces',
        5,
        latest('eniAllocated', 'attached'),
        latest('eniMaxAvailable', 'allowed'),
      ),
      numbers('Nodes', 5, latest('scrapedPods', 'read'), latest('awsNodePods', 'found')),
    ),
  );
  const states = new AlarmStatusWidget({
    title: 'Alarms, those that are on first',
    width: COLUMNS,
    height: 3,
    alarms: [...alarms],
    sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
  });
  return [[new Row(text, figures)], ...(alarms.length === 0 ? [] : [[states]])];
}

const explanation = ({ clusterName, runbookUrl }: CniDashboardProps): string =>
  `# Pod addresses of ${clusterName}
- **In use**: addresses that pods have now.
- **Held**: addresses the nodes have taken from the subnets, in use or warm.
- **Warm**: held and free. New pods take these at once; without one they wait for EC2.
- **Pool in use**: in use, of held. High is normal where pools are kept small.

All sums lack nodes that were not read: **Nodes** shows how many were.
${runbookUrl ? `What to do about each alarm: [runbook](${runbookUrl}).` : 'What to do about each alarm: see its description.'}
The selector above changes all graphs but the log table, the search by subnet and the function's own.`;

const fullNodes = (logGroup: ILogGroup): LogQueryWidget =>
  new LogQueryWidget({
    title: 'The ten fullest nodes',
    width: COLUMNS,
    height: 7,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [...FULL_NODES_QUERY],
    view: LogQueryVisualizationType.TABLE,
  });
