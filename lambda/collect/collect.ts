import { collectorMetrics, coverageMetrics, cycleMetrics } from '../domain/cycle-metrics.ts';
import type { Metric } from '../domain/metric.ts';
import { holdingsMetrics } from '../domain/subnets/known-holdings.ts';
import { subnetMetrics } from '../domain/subnets/subnet.ts';
import type { CollectorError } from '../errors.ts';
import { type Advanced, advance, type ClusterSnapshot } from './advance.ts';
import { type Budget, budgetOf } from './budget.ts';
import { nothingRead } from './coverage.ts';
import type { Collector, Cycle } from './cycle.ts';
import { acquireLease, type CycleLease, readWithoutLease } from './lease.ts';
import { type Observation, observe } from './observe.ts';
import { publish, sendable } from './publish.ts';
import { lateWarnings, type Report, reportOf, skippedReport } from './report.ts';
import type { Warning } from './warning.ts';

export interface Outcome {
  readonly report: Report;
  /** Set if the cycle is not acceptable; what is known was still published if that was possible. */
  readonly failure: CollectorError | undefined;
}

/**
 * One cycle: acquires the lease, discovers the pods, scrapes, decodes and folds them, prepares the state, publishes,
 * commits, reports.
 * @throws CollectorError if there are no pods to report on: the API server cannot be reached or denies the list
 */
export async function collect(collector: Collector, cycle: Cycle): Promise<Outcome> {
  const { clock } = collector;
  const started = clock.elapsed();
  const budget = budgetOf(cycle.deadline);
  const lease = await leaseOf(collector, cycle, budget);
  const warnings = [...collector.notices, ...lateWarnings(cycle.time, clock.now()), ...lease.warnings];
  if (lease.may === 'skip') {
    const report = skippedReport(collector, cycle, warnings, clock.elapsed() - started);
    return { report, failure: lease.failure };
  }

  const seen = await observe(collector, cycle, budget, lease.state);
  const advanced = lease.may === 'count' ? advance(lease.state, snapshotOf(cycle, seen)) : undefined;
  const metricsOf = (isCounted: boolean) =>
    sendable(metricsOfCycle(collector, seen, advanced, { isCounted, durationMs: clock.elapsed() - started }));
  const publishing = clock.elapsed();
  const sent = cycle.dryRun
    ? { ...metricsOf(true), isCounted: true, published: null, warnings: [] }
    : await publish(collector, { time: cycle.time, next: advanced?.next, metricsOf }, budget);
  const ended = clock.elapsed();
  const unknown = await refreshHoldings(collector, cycle, budget, seen);

  return {
    report: reportOf(collector, cycle, {
      seen,
      sent,
      counted: sent.isCounted ? advanced : undefined,
      warnings: [...warnings, ...(advanced?.warnings ?? []), ...unknown],
      durationsMs: { ...seen.durationsMs, publish: ended - publishing, total: ended - started },
    }),
    failure: (collector.cluster && nothingRead(seen.coverage)) ?? sent.failure ?? lease.failure,
  };
}

/** What the cycle may do with the counters; without pods there are none. */
async function leaseOf(
  { cluster, state }: Collector,
  { time, dryRun }: Cycle,
  { leaseMs, acquire }: Budget,
): Promise<CycleLease> {
  if (!cluster) return { may: 'observe', warnings: [] };
  return dryRun ? readWithoutLease(state, acquire) : acquireLease(state, time, leaseMs, acquire);
}

const snapshotOf = ({ time }: Cycle, { pods, fold, subnets }: Observation): ClusterSnapshot => ({
  time,
  pods,
  read: fold.readings,
  subnets: subnets.subnets,
});

/** After publishing, because nothing else may wait for it; the next cycle publishes what it finds. */
async function refreshHoldings(
  { holdings, clock }: Collector,
  { dryRun }: Cycle,
  budget: Budget,
  { pods, subnets }: Observation,
): Promise<readonly Warning[]> {
  if (!holdings || dryRun) return [];
  const podAddresses = pods.flatMap(({ address = [] }) => address);
  const messages = await holdings.refresh(
    { subnets: subnets.subnets, podAddresses },
    clock.now(),
    budget.holdings(),
  );
  return messages.map((message) => ({ code: 'holders-unknown', message }));
}

/** What is known: subnets and streaks always, and of the pods only how many there are if none was read. */
function metricsOfCycle(
  { cluster }: Collector,
  { fold, coverage: { found, read }, subnets, holdings }: Observation,
  advanced: Advanced | undefined,
  { isCounted, durationMs }: { isCounted: boolean; durationMs: number },
): Metric[] {
  const ofSubnets = [
    ...subnetMetrics(subnets.subnets),
    ...(advanced?.exhaustion ?? []),
    ...holdingsMetrics(holdings?.rows ?? []),
  ];
  if (!cluster) return [...collectorMetrics(durationMs), ...ofSubnets];
  const ofPods =
    read === 0
      ? coverageMetrics(found, read)
      : cycleMetrics(fold, found, isCounted ? advanced?.increases : undefined, durationMs);
  return [...ofPods, ...(advanced?.nodeMetrics ?? []), ...ofSubnets];
}
