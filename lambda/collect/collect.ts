import type { Clock, Deadline } from '../deadline.ts';
import { coverageMetrics, cycleMetrics } from '../domain/cycle-metrics.ts';
import { emptyFold, type Fold } from '../domain/fold.ts';
import { increase } from '../domain/state/counters.ts';
import { subnetMetrics } from '../domain/subnets.ts';
import type { CollectorError } from '../errors.ts';
import { budgetOf } from './budget.ts';
import { type Coverage, coverageOf, failureSentence, nothingRead } from './coverage.ts';
import { acquireLease, readWithoutLease } from './lease.ts';
import { podLine } from './pod-lines.ts';
import type { ClusterReader, MetricSink, StateStore, SubnetReader, SubnetReading } from './ports.ts';
import { commit, publish } from './publish.ts';
import { readPods } from './read-pods.ts';
import type { Report, Warning } from './report.ts';

/** What a cycle works with. */
export interface Collector {
  readonly clusterName: string;
  /** Value of the dimension CLUSTER_ID. */
  readonly clusterId: string;
  readonly cluster: ClusterReader;
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
  /** Neither publish nor advance the state. */
  readonly dryRun: boolean;
  /** One line per pod in the report. @default false */
  readonly verbose?: boolean;
  /** When the invocation is cut off. */
  readonly deadline: Deadline;
}

export interface Outcome {
  readonly report: Report;
  /** Set where the cycle is not acceptable; what is exact was published all the same where that was possible. */
  readonly failure: CollectorError | undefined;
}

/**
 * One cycle: acquires the lease, discovers the pods, scrapes, decodes and folds them, publishes, commits, reports.
 * @throws CollectorError where there is nothing to report: the API server cannot be reached or denies the list
 */
export async function collect(collector: Collector, cycle: Cycle): Promise<Outcome> {
  const { clock, cluster, state } = collector;
  const start = clock.elapsed();
  const budget = budgetOf(cycle.deadline);
  const lease = cycle.dryRun
    ? await readWithoutLease(state, budget.acquire)
    : await acquireLease(state, cycle.time, budget.leaseMs, budget.acquire);
  const warnings = [...collector.notices, ...lease.warnings];
  if (lease.may === 'skip') {
    const durationsMs = { discover: 0, scrape: 0, publish: 0, total: clock.elapsed() - start };
    return { report: { ...emptyReport(collector, cycle), durationsMs, warnings }, failure: undefined };
  }

  const readingSubnets = collector.subnets?.(budget.subnets());
  const discoverStart = clock.elapsed();
  const pods = await cluster.listPods(budget.scrape);
  const scrapeStart = clock.elapsed();
  const podLines: string[] = [];
  const known = lease.may === 'count' ? lease.state?.pods : undefined;
  const options = {
    ...collector.scrape,
    deadline: budget.scrape,
    clock,
    unreadCycles: (pod: string) => known?.get(pod)?.unread?.cycles ?? 0,
  };
  const fold = await readPods(cluster, pods, options, (pod, result) => {
    if (cycle.verbose) podLines.push(podLine(pod, result));
  });
  const scrapeEnd = clock.elapsed();
  const coverage = coverageOf(fold, pods.length);
  const subnets = await readingSubnets;
  warnings.push(...coverageWarnings(fold, coverage), ...subnetWarnings(subnets));

  const unreadable = nothingRead(coverage);
  const counted =
    lease.may === 'count'
      ? increase(lease.state, {
          time: cycle.time,
          listed: new Set(pods.map(({ name }) => name)),
          read: fold.readings,
        })
      : undefined;
  const publishStart = clock.elapsed();
  const metrics = unreadable
    ? coverageMetrics(pods.length, 0)
    : [
        ...cycleMetrics(fold, pods.length, counted?.increases, publishStart - start),
        ...subnetMetrics(subnets?.subnets ?? []),
      ];
  const sink = cycle.dryRun ? undefined : collector.sink;
  const sent = await publish(sink, metrics, cycle.time, budget.publish);
  if (counted && !sent.failure && !cycle.dryRun)
    warnings.push(...(await commit(state, counted.next, budget.commit())));
  const end = clock.elapsed();

  return {
    report: {
      ...emptyReport(collector, cycle),
      pods: coverage,
      metrics,
      published: sent.published,
      counters: { baselined: counted?.baselined ?? 0, restarted: counted?.restarted.length ?? 0 },
      durationsMs: {
        discover: scrapeStart - discoverStart,
        scrape: scrapeEnd - scrapeStart,
        publish: end - publishStart,
        total: end - start,
      },
      warnings,
      fullest: fold.fullest,
      ...(cycle.verbose && { podLines: podLines.sort() }),
    },
    failure: unreadable ?? sent.failure ?? (lease.may === 'observe' ? lease.failure : undefined),
  };
}

function coverageWarnings({ notFinite: { samples, pods } }: Fold, { failures }: Coverage): Warning[] {
  return [
    ...failures.map((failure) => ({ code: 'partial-coverage' as const, message: failureSentence(failure) })),
    ...(samples > 0
      ? [{ code: 'not-finite' as const, message: `${samples} samples left out, on ${pods.join(', ')}` }]
      : []),
  ];
}

const subnetWarnings = (reading: SubnetReading | undefined): Warning[] =>
  reading?.warning === undefined ? [] : [{ code: 'subnets-unavailable', message: reading.warning }];

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
