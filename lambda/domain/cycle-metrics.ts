import {
  COUNTERS,
  DURATION,
  GAUGES,
  LATENCY,
  PODS_FAILED,
  PODS_FOUND,
  PODS_READ,
  RESTARTS,
  UTILIZATION,
  WARM,
  WITHOUT_WARM,
} from './catalog.ts';
import { totalOf } from './exact-sum.ts';
import type { Fold } from './fold.ts';
import { counterTotals, type Increases, latencyStatistics } from './increases.ts';
import { type Metric, metricOf } from './metric.ts';

/** How much of the cluster the sums of a cycle cover; published even if nothing else can be. */
export function coverageMetrics(found: number, read: number): Metric[] {
  return [metricOf(PODS_FOUND, found), metricOf(PODS_READ, read), metricOf(PODS_FAILED, found - read)];
}

/** What is known of a cycle that reads no pods: that it ran. @param durationMs from its start to its publishing */
export const collectorMetrics = (durationMs: number): Metric[] => [metricOf(DURATION, durationMs)];

/**
 * All metrics of a cycle except those of subnets, in the order of the catalog. What is not known is left out, never 0:
 * a gauge that no pod makes known, counters without an earlier reading to compare with, utilization if no node holds
 * an address.
 * @param increases undefined: the counters are withheld
 * @param durationMs from the start of the cycle to its publishing
 */
export function cycleMetrics(
  fold: Fold,
  found: number,
  increases: Increases | undefined,
  durationMs: number,
): Metric[] {
  const metrics: Metric[] = [];
  GAUGES.forEach((gauge, position) => {
    const folded = fold.gauges[position];
    if (folded && folded.includes > 0) metrics.push(metricOf(gauge, totalOf(folded.sum)));
  });
  if (increases) metrics.push(...counterMetrics(increases, fold));
  if (fold.measuredNodes > 0)
    metrics.push(metricOf(WARM, totalOf(fold.warm)), metricOf(WITHOUT_WARM, fold.nodesWithoutWarm));
  if (fold.utilization.size > 0) metrics.push(distribution(fold.utilization));
  if (increases && increases.compared > 0) metrics.push(metricOf(RESTARTS, increases.restarts));
  return [...metrics, ...coverageMetrics(found, fold.readings.size), ...collectorMetrics(durationMs)];
}

function counterMetrics(increases: Increases, { readings }: Fold): Metric[] {
  const totals = counterTotals(increases);
  const isExposed = (position: number) =>
    [...readings.values()].some(({ counters }) => !Number.isNaN(counters[position]));
  const counters = COUNTERS.flatMap((counter, position) => {
    const total = totals[position];
    if (total === undefined || (counter.onlyIfExposed && !isExposed(position))) return [];
    return [metricOf(counter, total)];
  });
  const statistics = latencyStatistics(increases);
  return statistics ? [...counters, { name: LATENCY.name, unit: LATENCY.unit, statistics }] : counters;
}

function distribution(nodesByValue: ReadonlyMap<number, number>): Metric {
  const rows = [...nodesByValue].sort(([a], [b]) => a - b);
  return {
    name: UTILIZATION.name,
    unit: UTILIZATION.unit,
    values: rows.map(([value]) => value),
    counts: rows.map(([, nodes]) => nodes),
  };
}
