import { Duration } from 'aws-cdk-lib';
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ClusterMetrics } from './cluster-metrics.ts';
import {
  counted,
  critical,
  graph,
  HALF,
  heading,
  MILLISECONDS,
  PERCENT,
  QUARTER,
  warning,
} from './widgets.ts';

interface Collector {
  readonly function: IFunction;
  readonly timeoutSeconds: number;
  /** Whether it reads pods. */
  readonly hasPods: boolean;
}

/** Whether the other graphs can be trusted. @param minutes length of a datapoint */
export function collectorRows(cluster: ClusterMetrics, collector: Collector, minutes: number): IWidget[][] {
  const period = Duration.minutes(minutes);
  const timeoutMs = collector.timeoutSeconds * 1000;
  const width = collector.hasPods ? QUARTER : HALF;
  return [
    [heading('The collector itself')],
    [
      ...(collector.hasPods ? podGraphs(cluster, minutes) : []),
      graph({
        title: 'Duration of a cycle',
        width,
        axis: MILLISECONDS,
        lines: [
          cluster.metric('collectDuration', 'Maximum', minutes, 'start to publish'),
          collector.function.metricDuration({ statistic: 'Maximum', period, label: 'whole run' }),
        ],
        marks: [warning(0.8 * timeoutMs, '80 % of the timeout'), critical(timeoutMs, 'timeout')],
      }),
      graph({
        title: `Runs of the function, per ${minutes} min`,
        width,
        axis: counted('runs'),
        lines: [
          collector.function.metricInvocations({ statistic: 'Sum', period, label: 'started' }),
          collector.function.metricErrors({ statistic: 'Sum', period, label: 'failed' }),
          collector.function.metricThrottles({ statistic: 'Sum', period, label: 'throttled' }),
        ],
      }),
    ],
  ];
}

/** How many of the pods were read. */
const podGraphs = (cluster: ClusterMetrics, minutes: number): IWidget[] => [
  graph({
    title: 'Coverage: share of nodes read',
    width: QUARTER,
    axis: PERCENT,
    lines: [cluster.ratio('coverage', minutes, 'read')],
    marks: [critical(90, '90 %')],
  }),
  graph({
    title: 'Nodes not read, and ipamd restarts',
    width: QUARTER,
    axis: counted('nodes'),
    lines: [
      cluster.metric('failedPods', 'Maximum', minutes, 'not read, at most'),
      cluster.metric('nodesUnread', 'Maximum', minutes, 'not read for 5 min'),
      cluster.metric('ipamdRestarts', 'Sum', minutes, `restarted, per ${minutes} min`),
      cluster.metric('nodesRestarting', 'Maximum', minutes, 'restarting again and again'),
    ],
  }),
];
