import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CLUSTER_DIMENSION, DEFAULT_NAMESPACE } from '../../lambda/contract.ts';
import { CATALOG } from '../../lambda/domain/catalog.ts';
import type { Metric } from '../../lambda/domain/metric.ts';

const STATISTICS = ['SampleCount', 'Sum', 'Minimum', 'Maximum'];

/** By metric and statistic, what CloudWatch knows of one minute. */
export type Minute = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The metrics of a cluster, of the minutes from `start` on; epoch milliseconds of a whole minute. */
export async function readBack(
  client: CloudWatchClient,
  clusterId: string,
  start: number,
  minutes: number,
): Promise<readonly Minute[]> {
  const names = CATALOG.filter(({ name }) => !name.startsWith('subnet')).map(({ name }) => name);
  const queries = names.flatMap((MetricName) =>
    STATISTICS.map((Stat) => ({
      Id: `${MetricName}_${Stat}`,
      MetricStat: {
        Metric: {
          Namespace: DEFAULT_NAMESPACE,
          MetricName,
          Dimensions: [{ Name: CLUSTER_DIMENSION, Value: clusterId }],
        },
        Period: 60,
        Stat,
      },
    })),
  );
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(start),
      EndTime: new Date(start + minutes * 60_000),
      MetricDataQueries: queries,
      ScanBy: 'TimestampAscending',
    }),
  );
  const found = Array.from({ length: minutes }, (): Record<string, Record<string, number>> => ({}));
  for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
    const [name = '', statistic = ''] = Id.split('_');
    for (const [index, time] of Timestamps.entries()) {
      const minute = found[(time.getTime() - start) / 60_000];
      if (minute) minute[name] = { ...minute[name], [statistic]: Values[index] ?? Number.NaN };
    }
  }
  return found;
}

/** What CloudWatch knows of a metric that is published once. */
export function statisticsOf(metric: Metric): Minute[string] {
  if ('statistics' in metric) {
    const { sampleCount, sum, minimum, maximum } = metric.statistics;
    return { SampleCount: sampleCount, Sum: sum, Minimum: minimum, Maximum: maximum };
  }
  const values =
    'value' in metric
      ? [metric.value]
      : metric.values.flatMap((value, index) => new Array<number>(metric.counts[index] ?? 0).fill(value));
  return {
    SampleCount: values.length,
    Sum: values.reduce((total, value) => total + value, 0),
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
}
