import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MetricSink } from '../../collect/ports.ts';
import { CLUSTER_DIMENSION } from '../../contract.ts';
import type { Metric } from '../../domain/metric.ts';
import { CollectorError } from '../../errors.ts';
import { callOptions } from './client-limits.ts';
import { toRequests } from './metric-requests.ts';

/** Publishes to CloudWatch, which accepts each request whole or not at all. */
export function cloudWatchSink(
  client: CloudWatchClient,
  target: { readonly namespace: string; readonly clusterId: string },
): MetricSink {
  return {
    name: 'cloudwatch',
    async publish(metrics, time, deadline) {
      const toDatum = (metric: Metric) => datum(metric, target.clusterId, new Date(time));
      const requests = toRequests(metrics, (metric) => JSON.stringify(toDatum(metric)).length + 1);
      for (const request of requests) {
        const command = new PutMetricDataCommand({
          Namespace: target.namespace,
          MetricData: request.map(toDatum),
        });
        await client.send(command, callOptions(deadline)).catch((cause: unknown) => {
          throw publishFailed(cause, target.namespace);
        });
      }
      return { datums: requests.flat().length, requests: requests.length };
    },
  };
}

function datum(metric: Metric, clusterId: string, time: Date): MetricDatum {
  const { name, unit, dimensions = {} } = metric;
  return {
    MetricName: name,
    Unit: unit,
    Timestamp: time,
    Dimensions: Object.entries({ [CLUSTER_DIMENSION]: clusterId, ...dimensions }).map(([Name, Value]) => ({
      Name,
      Value,
    })),
    ...('value' in metric && { Value: metric.value }),
    ...('values' in metric && { Values: [...metric.values], Counts: [...metric.counts] }),
    ...('statistics' in metric && {
      StatisticValues: {
        SampleCount: metric.statistics.sampleCount,
        Sum: metric.statistics.sum,
        Minimum: metric.statistics.minimum,
        Maximum: metric.statistics.maximum,
      },
    }),
  };
}

function publishFailed(cause: unknown, namespace: string): CollectorError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const denied = /AccessDenied/.test(name);
  return new CollectorError('publish-failed', `CloudWatch, namespace ${namespace}: ${name}: ${message}`, {
    cause,
    ...(denied && {
      remedy: `Allow cloudwatch:PutMetricData with the condition cloudwatch:namespace = ${namespace}.`,
    }),
  });
}
