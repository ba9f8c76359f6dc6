import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS, toRequests } from '../../../../lambda/adapters/aws/metric-requests.ts';
import type { Metric } from '../../../../lambda/domain/metric.ts';

const sizeOf = (metric: Metric) => JSON.stringify(metric).length;
const single = (name: string): Metric => ({ name, unit: 'Count', value: 1 });
const subnet = (id: number): Metric => ({
  name: 'subnetAvailableIPs',
  unit: 'Count',
  value: id,
  dimensions: { SUBNET_ID: `subnet-${id}` },
});
const distribution = (size: number): Metric => ({
  name: 'nodeIPUtilization',
  unit: 'Percent',
  values: Array.from({ length: size }, (_, index) => index + 1 / 3),
  counts: Array.from({ length: size }, (_, index) => index + 1),
});

test('without metrics there is no request', () => {
  expect(toRequests([], sizeOf)).toEqual([]);
});

test('an ordinary cycle is one request', () => {
  const metrics = [single('a'), distribution(150), subnet(1), single('b')];
  expect(toRequests(metrics, sizeOf)).toEqual([[distribution(150), subnet(1), single('a'), single('b')]]);
});

test('a distribution with too many values for one datum becomes several datums of the same name', () => {
  const [request = []] = toRequests([distribution(301)], sizeOf);
  expect(request.map((metric) => 'values' in metric && [metric.values.length, metric.counts.length])).toEqual(
    [
      [150, 150],
      [150, 150],
      [1, 1],
    ],
  );
});

test('too many metrics are split so that the plain ones stay together in the last request', () => {
  const bulk = Array.from({ length: 2_500 }, (_, id) => subnet(id));
  const requests = toRequests([single('first'), ...bulk, single('last')], sizeOf);
  expect(requests.map((request) => request.length)).toEqual([502, 1_000, 1_000]);
  expect(requests.at(-1)?.slice(-2)).toEqual([single('first'), single('last')]);
});

test('no request exceeds a limit and no value is lost, for any metrics', () => {
  const metric = fc.oneof(
    fc.nat(2_000).map(distribution),
    fc.nat().map(subnet),
    fc.string({ minLength: 1 }).map(single),
    fc.constant(distribution(30_000)),
  );
  fc.assert(
    fc.property(fc.array(metric, { maxLength: 12 }), (metrics) => {
      const requests = toRequests(metrics, sizeOf);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(LIMITS.datumsPerRequest);
        expect(request.reduce((sum, datum) => sum + sizeOf(datum), 0)).toBeLessThanOrEqual(
          LIMITS.bytesPerRequest,
        );
        for (const datum of request)
          if ('values' in datum) expect(datum.values.length).toBeLessThanOrEqual(LIMITS.valuesPerDatum);
      }
      const valuesIn = (all: readonly Metric[]) =>
        all
          .flatMap((datum) => ('values' in datum ? datum.values : 'value' in datum ? [datum.value] : []))
          .sort();
      expect(valuesIn(requests.flat())).toEqual(valuesIn(metrics));
    }),
    { numRuns: 30 },
  );
});
