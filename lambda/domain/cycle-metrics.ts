import {
  COUNTERS,
  DURATION,
  GAUGES,
  LATENCY,
  PODS_FAILED,
  PODS_FOUND,
  PODS_READ,
  RESTARTS,
  type Unit,
  UTILIZATION,
  WARM,
  WITHOUT_WARM,
} from './catalogue.ts';
import { totalOf } from './exact-sum.ts';
import type { Fold } from './fold.ts';
import { counterTotals, type Increases, latencyStatistics } from './increases.ts';
import type { Metric } from './metric.ts';

const single = ({ name, unit }: { name: string; unit: Unit }, value: number): Metric => ({
  name,
  unit,
  value,
});

/** How much of the cluster the sums of a cycle cover; said even where nothing else can be. */
export function coverageMetrics(found: number, read: number): Metric[] {
  return [single(PODS_FOUND, found), single(PODS_READ, read), single(PODS_FAILED, found - read)];
}

/** What is known of a cycle that reads no pods: that it ran. @param durationMs from its start to its publishing */
export const collectorMetrics = (durationMs: number): Metric[] => [single(DURATION, durationMs)];

/**
 * All metrics of a cycle but the subnets', in the catalogue's order. What is not known is left out, never 0:
 * a family without labels that no pod exposes, counters without a reading to count from, utilization where no
 * node holds an address. A family with labels exposes nothing until its first event: there absence means 0.
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
  GAUGES.forEach((gauge, index) => {
    const folded = fold.gauges[index];
    if (folded && (folded.exposedBy > 0 || gauge.labels.length > 0))
      metrics.push(single(gauge, totalOf(folded.sum)));
  });
  if (increases) metrics.push(...counterMetrics(increases));
  if (fold.measuredNodes > 0)
    metrics.push(single(WARM, totalOf(fold.warm)), single(WITHOUT_WARM, fold.nodesWithoutWarm));
  if (fold.utilization.size > 0) metrics.push(distribution(fold.utilization));
  if (increases && increases.compared > 0) metrics.push(single(RESTARTS, increases.restarts));
  return [...metrics, ...coverageMetrics(found, fold.readings.size), ...collectorMetrics(durationMs)];
}

function counterMetrics(increases: Increases): Metric[] {
  const totals = counterTotals(increases);
  const counters = COUNTERS.flatMap((counter, index) => {
    const total = totals[index];
    return total === undefined ? [] : [single(counter, total)];
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
