import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cniReportOf } from '../../../lambda/collect/cni-report.ts';
import { coverageOf } from '../../../lambda/collect/coverage.ts';
import { SCRAPE_FAILURES, type ScrapeFailureCode } from '../../../lambda/domain/causes/scrape-failures.ts';
import { cycleMetrics } from '../../../lambda/domain/cycle-metrics.ts';
import { addFailure, addReading, emptyFold, type Fold } from '../../../lambda/domain/fold.ts';
import type { PodReading } from '../../../lambda/domain/pod-reading.ts';
import { gaugeReading } from '../../support/reading.ts';

const IPV6 = 2 ** 48;

const fold = (readings: readonly PodReading[], failed: readonly string[] = []): Fold => {
  const all = emptyFold();
  readings.forEach((reading, index) => {
    addReading(all, { name: `aws-node-${index}`, node: `ip-10-0-0-${index}` }, reading);
  });
  for (const pod of failed) addFailure(all, pod, 'scrape-timeout', `${pod} was silent`);
  return all;
};

const metricsOf = (all: Fold, found: number) => cycleMetrics(all, found, undefined, 12);

describe('gauges', () => {
  test('are summed over the pods that were read', () => {
    const all = fold([
      gaugeReading({ assignIPAddresses: 3, totalIPAddresses: 10, eniAllocated: 1 }),
      gaugeReading({ assignIPAddresses: 29, totalIPAddresses: 29, eniAllocated: 3 }),
      gaugeReading({ assignIPAddresses: 0, totalIPAddresses: 10, eniAllocated: 1 }),
    ]);
    expect(metricsOf(all, 3)).toEqual([
      { name: 'assignIPAddresses', unit: 'Count', value: 32 },
      { name: 'totalIPAddresses', unit: 'Count', value: 49 },
      { name: 'totalAssignedIPv4sPerCidr', unit: 'Count', value: 0 },
      { name: 'eniAllocated', unit: 'Count', value: 5 },
      { name: 'ipamdActionInProgress', unit: 'Count', value: 0 },
      { name: 'warmIPAddresses', unit: 'Count', value: 17 },
      { name: 'nodesWithoutWarmIPs', unit: 'Count', value: 1 },
      { name: 'nodeIPUtilization', unit: 'Percent', values: [0, 30, 100], counts: [1, 1, 1] },
      { name: 'awsNodePods', unit: 'Count', value: 3 },
      { name: 'scrapedPods', unit: 'Count', value: 3 },
      { name: 'failedPods', unit: 'Count', value: 0 },
      { name: 'collectDuration', unit: 'Milliseconds', value: 12 },
    ]);
  });

  test('that only some pods expose are summed over these; those that none exposes are left out', () => {
    const all = fold([
      gaugeReading({ maxIPAddresses: 58 }),
      gaugeReading({ maxIPAddresses: 234 }),
      gaugeReading({ totalIPv4Prefixes: 2 }),
    ]);
    const published = metricsOf(all, 3);
    expect(published.slice(0, 4)).toEqual([
      { name: 'totalIPv4Prefixes', unit: 'Count', value: 2 },
      { name: 'totalAssignedIPv4sPerCidr', unit: 'Count', value: 0 },
      { name: 'maxIPAddresses', unit: 'Count', value: 292 },
      { name: 'ipamdActionInProgress', unit: 'Count', value: 0 },
    ]);
    const names = published.map(({ name }) => name);
    expect(names).not.toContain('warmIPAddresses');
    expect(names).not.toContain('nodeIPUtilization');
  });

  test('IPv6 nodes stay out of total, warm and utilization; their assigned addresses count', () => {
    const all = fold([
      gaugeReading({ assignIPAddresses: 5, totalIPAddresses: 10, maxIPAddresses: 58 }),
      gaugeReading({ assignIPAddresses: 7, totalIPAddresses: IPV6, maxIPAddresses: 58 }),
      gaugeReading({ assignIPAddresses: 2, totalIPAddresses: 2 * IPV6, maxIPAddresses: 58 }),
    ]);
    expect(all.ipv6Nodes).toBe(2);
    expect(metricsOf(all, 3)).toEqual(
      expect.arrayContaining([
        { name: 'assignIPAddresses', unit: 'Count', value: 14 },
        { name: 'totalIPAddresses', unit: 'Count', value: 10 },
        { name: 'maxIPAddresses', unit: 'Count', value: 174 },
        { name: 'warmIPAddresses', unit: 'Count', value: 5 },
        { name: 'nodesWithoutWarmIPs', unit: 'Count', value: 0 },
        { name: 'nodeIPUtilization', unit: 'Percent', values: [50], counts: [1] },
      ]),
    );
  });

  test('a cluster of IPv6 nodes alone has no total, no warm pool and no utilization', () => {
    const ipv6 = gaugeReading({ assignIPAddresses: 7, totalIPAddresses: IPV6 });
    const names = metricsOf(fold([ipv6, ipv6, ipv6]), 3).map(({ name }) => name);
    expect(names).toContain('assignIPAddresses');
    expect(names).not.toContain('totalIPAddresses');
    expect(names).not.toContain('warmIPAddresses');
    expect(names).not.toContain('nodesWithoutWarmIPs');
    expect(names).not.toContain('nodeIPUtilization');
  });

  test('a node that holds no address has none warm and no utilization', () => {
    const all = fold([
      gaugeReading({ assignIPAddresses: 0, totalIPAddresses: 0 }),
      gaugeReading({ assignIPAddresses: 3, totalIPAddresses: 9 }),
      gaugeReading({ assignIPAddresses: 1, totalIPAddresses: 3 }),
    ]);
    expect(metricsOf(all, 3)).toEqual(
      expect.arrayContaining([
        { name: 'warmIPAddresses', unit: 'Count', value: 8 },
        { name: 'nodesWithoutWarmIPs', unit: 'Count', value: 1 },
        { name: 'nodeIPUtilization', unit: 'Percent', values: [100 / 3], counts: [2] },
      ]),
    );
  });
});

describe('coverage', () => {
  test('counts pods found, read and failed, and names the first few of each failure', () => {
    const all = fold(
      [gaugeReading({}), gaugeReading({}), gaugeReading({})],
      ['g', 'b', 'f', 'a', 'e', 'd', 'c'],
    );
    expect(metricsOf(all, 10)).toEqual(
      expect.arrayContaining([
        { name: 'awsNodePods', unit: 'Count', value: 10 },
        { name: 'scrapedPods', unit: 'Count', value: 3 },
        { name: 'failedPods', unit: 'Count', value: 7 },
      ]),
    );
    expect(all.failures).toEqual(
      new Map([['scrape-timeout', { count: 7, pods: ['a', 'b', 'c', 'd', 'e'], example: 'a was silent' }]]),
    );
  });
});

test('the ten nodes nearest exhaustion are kept, worst first', () => {
  const all = fold(
    Array.from({ length: 30 }, (_, index) =>
      gaugeReading({ assignIPAddresses: (index * 7) % 30, totalIPAddresses: 30 }),
    ),
  );
  expect(all.fullest.map(({ assigned }) => assigned)).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
  expect(all.fullest[0]).toEqual({
    node: 'ip-10-0-0-17',
    pod: 'aws-node-17',
    assigned: 29,
    total: 30,
    percent: (100 * 29) / 30,
  });
});

test('of equally full nodes at the tenth place those first by pod name are kept, whatever their order', () => {
  const names = Array.from({ length: 12 }, (_, index) => `aws-node-${String(index).padStart(2, '0')}`);
  for (const order of [names, names.toReversed()]) {
    const all = emptyFold();
    for (const name of order)
      addReading(all, { name, node: 'n' }, gaugeReading({ assignIPAddresses: 9, totalIPAddresses: 10 }));
    expect(all.fullest.map(({ pod }) => pod)).toEqual(names.slice(0, 10));
  }
});

// Any pod: a reading with any finite values, or a failure.
const count = fc.oneof(fc.nat(300), fc.constant(Infinity), fc.constant(Number.NaN), fc.constant(IPV6));
const reading = fc
  .tuple(count, count, count, fc.nat(3))
  .map(([assigned, total, enis, series]) =>
    gaugeReading(
      { assignIPAddresses: assigned, totalIPAddresses: total, eniAllocated: enis },
      { facts: { enis: series, inUseOnEnis: series, startupSeconds: series, connmarkErrors: series % 2 } },
    ),
  );
const failure = fc.constantFrom(...(Object.keys(SCRAPE_FAILURES) as ScrapeFailureCode[]));
const pods = fc.array(fc.oneof(reading, failure), { minLength: 3, maxLength: 40 });

type Named = readonly [name: string, what: PodReading | ScrapeFailureCode];
const named = (all: readonly (PodReading | ScrapeFailureCode)[]): Named[] =>
  all.map((what, index) => [`aws-node-${index}`, what]);

const foldOf = (all: readonly Named[]): Fold => {
  const result = emptyFold();
  for (const [name, what] of all) {
    if (typeof what === 'string') addFailure(result, name, what, `${what} of ${name}`);
    else addReading(result, { name, node: `node of ${name}` }, what);
  }
  return result;
};

/** Everything a fold can tell, in a form that compares. */
const told = (all: Fold, found: number) => ({
  metrics: cycleMetrics(all, found, undefined, 0),
  fullest: all.fullest,
  failures: Object.fromEntries([...all.failures].sort()),
  coverage: coverageOf(all, found),
  cni: cniReportOf(all.facts),
  ipv6Nodes: all.ipv6Nodes,
  read: [...all.readings.keys()].sort(),
});

describe('the result depends on the pods alone', () => {
  test('not on their order', () => {
    fc.assert(
      fc.property(
        pods.chain((all) =>
          fc.tuple(fc.constant(named(all)), fc.shuffledSubarray(named(all), { minLength: all.length })),
        ),
        ([ordered, shuffled]) => {
          expect(told(foldOf(shuffled), ordered.length)).toEqual(told(foldOf(ordered), ordered.length));
        },
      ),
    );
  });
});
