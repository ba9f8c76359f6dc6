import type { Clock, Deadline } from '../deadline.ts';
import { collectorMetrics, coverageMetrics, cycleMetrics } from '../domain/cycle-metrics.ts';
import { emptyFold, type Fold } from '../domain/fold.ts';
import type { Metric } from '../domain/metric.ts';
import { type Counted, increase } from '../domain/state/counters.ts';
import type { State } from '../domain/state/state.ts';
import { subnetMetrics } from '../domain/subnets.ts';
import type { CollectorError } from '../errors.ts';
import { type Budget, budgetOf } from './budget.ts';
import { type Coverage, coverageOf, coverageWarnings, nothingRead } from './coverage.ts';
import { acquireLease, readWithoutLease } from './lease.ts';
import { podLine } from './pod-lines.ts';
import type { ClusterReader, MetricSink, Pod, StateStore, SubnetReader, SubnetReading } from './ports.ts';
import { publish, send } from './publish.ts';
import { readPods } from './read-pods.ts';
import type { Report, Warning } from './report.ts';

/** What a cycle works with. */
export interface Collector {
  readonly clusterName: string;
  /** Value of the dimension CLUSTER_ID. */
  readonly clusterId: string;
  /** Undefined: the cluster has no aws-node pods, so none are listed and nothing is counted. */
  readonly cluster: ClusterReader | undefined;
  readonly state: StateStore;
  /** Undefined: nothing is published. */
  readonly sink: MetricSink | undefined;
  /** Undefined: no subnet metrics. */
  readonly subnets: SubnetReader | undefined;
  readonly scrape: { readonly timeoutMs: number; readonly concurrency: number };
  readonly clock: Clock;
  /** Warnings about the configuration, in every report. */
  readonly notices: readonly Warning[];
}

export interface Cycle {
  /** The scheduled time, epoch milliseconds: the timestamp of all metrics. */
  readonly time: number;
  /** Do not publish and do not advance the state. */
  readonly dryRun: boolean;
  /** One line per pod in the report. @default false */
  readonly verbose?: boolean;
  /** When the invocation is cut off. */
  readonly deadline: Deadline;
}

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
  const leased = clock.elapsed();
  if (lease.may === 'skip') {
    const durationsMs = { discover: 0, scrape: 0, publish: 0, total: leased - started };
    const warnings = [...collector.notices, ...lease.warnings];
    return { report: { ...emptyReport(collector, cycle), durationsMs, warnings }, failure: undefined };
  }

  const readingSubnets = readSubnets(collector, budget);
  const pods = await discover(collector, cycle, budget, readingSubnets);
  const discovered = clock.elapsed();
  const known = lease.may === 'count' ? lease.state : undefined;
  const { fold, podLines } = await scrapeAll(collector, cycle, budget, pods, known);
  const subnets = await readingSubnets;
  const scraped = clock.elapsed();

  const coverage = coverageOf(fold, pods.length);
  const unreadable = collector.cluster && nothingRead(coverage);
  const counted = lease.may === 'count' ? count(known, cycle, pods, fold) : undefined;
  const metricsOf = (isCounted: boolean): Metric[] => [
    ...podMetrics(collector, fold, coverage, {
      increases: isCounted ? counted?.increases : undefined,
      durationMs: clock.elapsed() - started,
    }),
    ...subnetMetrics(subnets.subnets),
  ];
  const sent = cycle.dryRun
    ? { metrics: metricsOf(true), published: null, warnings: [] }
    : await publish(collector, { time: cycle.time, next: counted?.next, metricsOf }, budget);
  const ended = clock.elapsed();

  return {
    report: {
      ...emptyReport(collector, cycle),
      pods: coverage,
      metrics: sent.metrics,
      published: sent.published,
      counters: { baselined: counted?.baselined ?? 0, restarted: counted?.restarted.length ?? 0 },
      durationsMs: {
        discover: discovered - leased,
        scrape: scraped - discovered,
        publish: ended - scraped,
        total: ended - started,
      },
      warnings: [
        ...collector.notices,
        ...lease.warnings,
        ...coverageWarnings(fold, coverage),
        ...subnetWarnings(subnets),
        ...sent.warnings,
      ],
      fullest: fold.fullest,
      ...(cycle.verbose && { podLines }),
    },
    failure: unreadable ?? sent.failure ?? lease.failure,
  };
}

/** What the cycle may do with the counters; without pods there are none. */
function leaseOf({ cluster, state }: Collector, { time, dryRun }: Cycle, { leaseMs, acquire }: Budget) {
  if (!cluster) return { may: 'observe', warnings: [], failure: undefined } as const;
  return dryRun ? readWithoutLease(state, acquire) : acquireLease(state, time, leaseMs, acquire);
}

const readSubnets = async ({ subnets }: Collector, budget: Budget): Promise<SubnetReading> =>
  subnets ? subnets(budget.subnets()) : { subnets: [] };

/** The pods. If the list fails, the subnet metrics are published before the failure is passed on. */
async function discover(
  { cluster, sink }: Collector,
  { time, dryRun }: Cycle,
  budget: Budget,
  readingSubnets: Promise<SubnetReading>,
): Promise<readonly Pod[]> {
  try {
    return (await cluster?.listPods(budget.scrape)) ?? [];
  } catch (failure) {
    const metrics = subnetMetrics((await readingSubnets).subnets);
    if (metrics.length > 0 && !dryRun) await send(sink, metrics, time, budget.publish);
    throw failure;
  }
}

/** Reads every pod; the streaks in the state say which ones are expected to be silent. */
async function scrapeAll(
  { cluster, scrape, clock }: Collector,
  { verbose }: Cycle,
  budget: Budget,
  pods: readonly Pod[],
  state: State | undefined,
): Promise<{ fold: Fold; podLines: readonly string[] }> {
  if (!cluster) return { fold: emptyFold(), podLines: [] };
  const podLines: string[] = [];
  const unreadCycles = (pod: string) => state?.pods.get(pod)?.unread?.cycles ?? 0;
  const options = { ...scrape, unreadCycles, deadline: budget.scrape, clock };
  const fold = await readPods(cluster, pods, options, (pod, result) => {
    if (verbose) podLines.push(podLine(pod, result));
  });
  return { fold, podLines: podLines.sort() };
}

const count = (state: State | undefined, { time }: Cycle, pods: readonly Pod[], fold: Fold): Counted =>
  increase(state, { time, listed: new Set(pods.map(({ name }) => name)), read: fold.readings });

/** What is known about the pods: if none was read, only how many there are. */
function podMetrics(
  { cluster }: Collector,
  fold: Fold,
  { found, read }: Coverage,
  { increases, durationMs }: { increases: Counted['increases'] | undefined; durationMs: number },
): Metric[] {
  if (!cluster) return collectorMetrics(durationMs);
  return read === 0 ? coverageMetrics(found, read) : cycleMetrics(fold, found, increases, durationMs);
}

const subnetWarnings = ({ warning }: SubnetReading): Warning[] =>
  warning === undefined ? [] : [{ code: 'subnets-unavailable', message: warning }];

function emptyReport(
  { clusterName, clusterId }: Collector,
  { time }: Cycle,
): Omit<Report, 'durationsMs' | 'warnings'> {
  return {
    cluster: clusterName,
    clusterId,
    time: new Date(time).toISOString(),
    pods: coverageOf(emptyFold(), 0),
    metrics: [],
    published: null,
    counters: { baselined: 0, restarted: 0 },
    fullest: [],
  };
}
