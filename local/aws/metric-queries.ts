import { z } from 'zod';
import { getMetricData, QueryRefusal } from '../cloudwatch/get-metric-data.ts';
import type { MetricHistory } from '../cloudwatch/metric-history.ts';
import { metricDataQuery } from '../cloudwatch/watched.ts';
import { AwsRefusal } from './endpoint.ts';
import { parsed } from './parsed.ts';

const dataRequest = z.strictObject({
  MetricDataQueries: z.array(metricDataQuery),
  /** Epoch seconds. */
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).optional(),
});
const listRequest = z.strictObject({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string().optional() })).optional(),
});

/** GetMetricData, in one page. @throws AwsRefusal */
export function metricData(history: MetricHistory, input: unknown) {
  const { MetricDataQueries, StartTime, EndTime, ScanBy } = parsed(dataRequest, input);
  const results = refusing(() =>
    getMetricData(history, MetricDataQueries, { start: StartTime, end: EndTime }),
  );
  // "The default is TimestampDescending": the newest first.
  const ordered = (list: readonly number[]) => (ScanBy === 'TimestampAscending' ? list : list.toReversed());
  return {
    MetricDataResults: results.map(({ Timestamps, Values, ...rest }) => ({
      ...rest,
      Timestamps: ordered(Timestamps),
      Values: ordered(Values),
      StatusCode: 'Complete',
    })),
    Messages: [],
  };
}

/** ListMetrics, in one page. @throws AwsRefusal */
export function listMetrics(history: MetricHistory, input: unknown) {
  const { Namespace, MetricName, Dimensions = [] } = parsed(listRequest, input);
  const Metrics = history
    .series()
    .filter(
      ({ namespace, name, dimensions }) =>
        (Namespace ?? namespace) === namespace &&
        (MetricName ?? name) === name &&
        Dimensions.every(
          ({ Name, Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
        ),
    )
    .map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
  return { Metrics };
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof QueryRefusal) throw new AwsRefusal('ValidationError', error.message);
    throw error;
  }
}
