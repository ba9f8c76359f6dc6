import type { Metric } from '../../domain/metric.ts';

/**
 * Limits of PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 * (1 MB a request, of which some room is kept for what the datums do not hold) and API_MetricDatum.html.
 */
export const LIMITS = { datumsPerRequest: 1_000, bytesPerRequest: 1_000_000, valuesPerDatum: 150 } as const;

/**
 * Cuts metrics into requests that CloudWatch accepts, as few as possible. Where one does not suffice, what comes
 * in bulk (distributions, subnets) goes first, so that all counters are in the last request: if any request
 * fails, no counter was accepted, and the next cycle can publish both intervals without counting twice.
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

/** A distribution of more distinct values than one datum takes, as several; CloudWatch adds them up. */
function splitValues(metric: Metric): Metric[] {
  if (!('values' in metric)) return [metric];
  const parts = Math.ceil(metric.values.length / LIMITS.valuesPerDatum);
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part * LIMITS.valuesPerDatum, (part + 1) * LIMITS.valuesPerDatum];
    return { ...metric, values: metric.values.slice(from, to), counts: metric.counts.slice(from, to) };
  });
}
