import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CLUSTER_DIMENSION, type MetricName } from '../../lambda/contract.ts';

/** A share of two or three metrics, in percent. */
interface Ratio {
  readonly expression: string;
  /** The variables of the expression. */
  readonly of: Readonly<Record<string, MetricName>>;
}

export const RATIOS = {
  /** From the warm addresses, not the assigned ones: these count IPv6 nodes too, the total does not. */
  poolUtilization: {
    expression: '100 * (held - warm) / held',
    of: { held: 'totalIPAddresses', warm: 'warmIPAddresses' },
  },
  eniUtilization: {
    expression: '100 * attached / allowed',
    of: { attached: 'eniAllocated', allowed: 'eniMaxAvailable' },
  },
  coverage: { expression: '100 * read / found', of: { read: 'scrapedPods', found: 'awsNodePods' } },
} as const satisfies Record<string, Ratio>;

export type RatioName = keyof typeof RATIOS;

/** `p50` and its like work on nodeIPUtilization alone, the one metric published as a distribution. */
export type Statistic = 'Average' | 'Maximum' | 'Minimum' | 'SampleCount' | 'Sum' | 'p50' | 'p99';

/**
 * The shortest time of at least `minutes` that holds whole cycles only: a datapoint of any other length would hold
 * more cycles than its neighbor, and sums would swing.
 */
export const wholeCycles = (minutes: number, intervalMinutes: number): number =>
  Math.ceil(minutes / intervalMinutes) * intervalMinutes;

/** The published metrics of one cluster, as CDK's graphs and alarms take them; `label` names a line of a graph. */
export class ClusterMetrics {
  readonly namespace: string;
  readonly clusterId: string;

  /** @param clusterId value of the dimension CLUSTER_ID */
  constructor(namespace: string, clusterId: string) {
    this.namespace = namespace;
    this.clusterId = clusterId;
  }

  metric(metricName: MetricName, statistic: Statistic, minutes: number, label?: string): Metric {
    return new Metric({
      namespace: this.namespace,
      metricName,
      dimensionsMap: { [CLUSTER_DIMENSION]: this.clusterId },
      statistic,
      period: Duration.minutes(minutes),
      ...(label !== undefined && { label }),
    });
  }

  math(
    expression: string,
    of: Readonly<Record<string, MetricName>>,
    statistic: Statistic,
    minutes: number,
    label?: string,
  ): MathExpression {
    return new MathExpression({
      expression,
      usingMetrics: Object.fromEntries(
        Object.entries(of).map(([variable, name]) => [variable, this.metric(name, statistic, minutes)]),
      ),
      period: Duration.minutes(minutes),
      ...(label !== undefined && { label }),
    });
  }

  /** The share of the averages. */
  ratio(name: RatioName, minutes: number, label?: string): MathExpression {
    const { expression, of } = RATIOS[name];
    return this.math(expression, of, 'Average', minutes, label);
  }
}
