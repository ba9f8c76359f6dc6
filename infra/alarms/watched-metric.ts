import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DEFAULT_NAMESPACE, type MetricName } from '../../lambda/contract.ts';
import { ClusterMetrics } from '../dashboard/cluster-metrics.ts';
import { IN_EVERY_CYCLE } from '../without-pods.ts';
import type { Signal } from './definition.ts';

/** What alarms watch. */
export interface WatchedDeployment {
  /** Value of the dimension CLUSTER_ID; also in the alarms' names. */
  readonly clusterId: string;
  /** @default DEFAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  readonly function: IFunction;
  readonly timeoutSeconds: number;
  /** Minutes between two cycles; alarm periods are multiples of it. */
  readonly intervalMinutes: number;
  /** Whether the cluster has aws-node pods (PODS). */
  readonly hasPods: boolean;
  /** Where ticks go that could not be delivered. @default - no alarm about them */
  readonly deadLetterQueue?: IQueue | undefined;
}

/**
 * What an alarm watches, in datapoints of `minutes`.
 * @param leftOut values below it are another alarm's; undefined: none is
 */
export function watchedMetric(
  signal: Signal,
  minutes: number,
  props: WatchedDeployment,
  leftOut: number | undefined,
): IMetric {
  const cluster = clusterOf(props);
  const period = Duration.minutes(minutes);
  if ('metric' in signal) {
    const { metric, statistic } = signal;
    if (leftOut === undefined) return cluster.metric(metric, statistic, minutes);
    return cluster.math(`IF(value >= ${leftOut}, value)`, { value: metric }, statistic, minutes, metric);
  }
  if ('math' in signal) {
    const { math: expression, of } = signal;
    const variables = Object.entries(of).map(
      ([name, { metric, statistic }]) => [name, cluster.metric(metric, statistic, minutes)] as const,
    );
    return new MathExpression({ expression, usingMetrics: Object.fromEntries(variables), period });
  }
  if ('ratio' in signal) return cluster.ratio(signal.ratio, minutes, signal.ratio);
  if ('publicationsOf' in signal) {
    // Without FILL CloudWatch would look back past the gap for real datapoints and fire two cycles later.
    const published = publishedIn(props, signal.publicationsOf);
    return cluster.math('FILL(published, 0)', { published }, 'SampleCount', minutes, 'publications');
  }
  if ('queue' in signal) {
    if (!props.deadLetterQueue) throw new Error('An alarm about a queue needs the queue.');
    return props.deadLetterQueue.metric(signal.queue, { statistic: 'Maximum', period });
  }
  if (signal.function === 'Duration') {
    return new MathExpression({
      expression: `IF(errors < 1, 100 * duration / ${props.timeoutSeconds * 1000})`,
      usingMetrics: {
        errors: props.function.metricErrors({ statistic: 'Sum', period }),
        duration: props.function.metricDuration({ statistic: 'Maximum', period }),
      },
      period,
      label: 'percent of the timeout',
    });
  }
  return props.function.metric(signal.function, { statistic: 'Sum', period });
}

/** Once so many cycles in a row have published, the collector has started. */
const STARTED = 3;

/**
 * Has no datapoint before the collector has started. An alarm on one publication would change its state in the same
 * minute as the alarm on their absence; alarms are evaluated one by one, so for a moment both could be on.
 */
export const startedMetric = (props: WatchedDeployment, name: MetricName): IMetric =>
  clusterOf(props).math(
    `IF(published >= ${STARTED}, published)`,
    { published: publishedIn(props, name) },
    'SampleCount',
    STARTED * props.intervalMinutes,
    'publications',
  );

const clusterOf = ({ namespace = DEFAULT_NAMESPACE, clusterId }: WatchedDeployment) =>
  new ClusterMetrics(namespace, clusterId);

const publishedIn = ({ hasPods }: WatchedDeployment, name: MetricName): MetricName =>
  hasPods ? name : IN_EVERY_CYCLE;
