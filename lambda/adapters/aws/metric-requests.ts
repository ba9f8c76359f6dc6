import type { Metric } from '../../domain/metric.ts';

/**
 * Limits of PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 * (1 MB a request, including some bytes outside of the datums) and API_MetricDatum.html.
 */
export const LIMITS = { datumsPerRequest: 1_000, bytesPerRequest: 1_000_000, valuesPerDatum: 150 } as const;

/**
 * Splits metrics into as few requests as CloudWatch accepts. If one is not enough, bulk metrics (distributions, subnets)
 * go first, so that all counters are in the last request: if any request fails, no counter was accepted, and the next
 * cycle can publish both intervals without counting twice.
 * @param sizeOf bytes that one datum adds to a request
 */
export function toRequests(metrics: readonly Metric[], sizeOf: (datum: Metric) => number): Metric[][] {
  const inBulk = (metric: Metric) => 'values' in metric || metric.dimensions !== undefined;
  const datums = [...metrics.filter(inBulk).flatMap(splitValues), ...metrics.filter((m) => !inBulk(m))];
  const requests: Metric[][] = [];
  let bytes = 0;
  for (const datum of datums.toReversed()) {
    const size = sizeOf(datum);
    let request = requests[0];
    if (
      request === undefined ||
      request.length === LIMITS.datumsPerRequest ||
      bytes + size > LIMITS.bytesPerRequest
    ) {
      request = [];
      requests.unshift(request);
      bytes = 0;
    }
    request.unshift(datum);
    bytes += size;
  }
  return requests;
}

/** Splits a distribution with more distinct values than one datum can hold; CloudWatch adds them up. */
function splitValues(metric: Metric): Metric[] {
  if (!('values' in metric)) return [metric];
  const parts = Math.ceil(metric.values.length / LIMITS.valuesPerDatum);
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part * LIMITS.valuesPerDatum, (part + 1) * LIMITS.valuesPerDatum];
    return { ...metric, values: metric.values.slice(from, to), counts: metric.counts.slice(from, to) };
  });
}
