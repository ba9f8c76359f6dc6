import { coverageMetrics, cycleMetrics } from '../domain/cycle-metrics.ts';
import { emptyFold, type Fold } from '../domain/fold.ts';
import type { Metric } from '../domain/metric.ts';
import { type Counted, increase } from '../domain/state/counters.ts';
import { CollectorError } from '../errors.ts';
import { claimBase, peekBase } from './lease.ts';
import { podLine } from './pod-lines.ts';
import type { Clock, ClusterApi, MetricSink, Pod, ReadingsStore } from './ports.ts';
import { readPods } from './read-pods.ts';
import {
  failureSentence,
  mostTelling,
  type PodsReport,
  podsReport,
  type Report,
  type Warning,
} from './report.ts';

/** What a cycle works with. */
export interface Collector {
  readonly cluster: string;
  readonly clusterId: string;
  readonly api: ClusterApi;
  readonly readings: ReadingsStore;
  /** Undefined: all but the publishing. */
  readonly sink: MetricSink | undefined;
  /** Reads the subnets; never rejects. Undefined: no subnet metrics. */
  readonly subnets:
    | ((budgetMs: number) => Promise<{ metrics: readonly Metric[]; warnings: readonly Warning[] }>)
    | undefined;
  readonly scrape: { readonly timeoutMs: number; readonly concurrency: number };
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** What every report has to say about the set-up. */
  readonly notices: readonly Warning[];
}

export interface Tick {
  /** The scheduled time, epoch milliseconds: the timestamp of all metrics. */
  readonly time: number;
  /** Neither publish nor advance the readings. */
  readonly dryRun: boolean;
  /** Tell of every pod in the report. @default false */
  readonly verbose?: boolean;
  /** Milliseconds until the invocation is cut off. */
  remainingMs(): number;
}

export interface Outcome {
  readonly report: Report;
  /** Set where the cycle is not acceptable; what is exact was published all the same, if that was possible. */
  readonly failure: CollectorError | undefined;
}

/** Kept back from the scrape for publishing and committing: this much, or this share of a short invocation. */
const RESERVE = { ms: 12_000, share: 0.3 };
/** Of the reserve, kept back for the report: a function that is cut off forgets what it could not commit. */
const REPORT_SHARE = 0.1;
/** A claim outlives its run by this much: two functions whose clocks are each a minute off must not both hold one. */
const CLAIM_SKEW_MS = 120_000;
/** The most that claiming, committing and the subnets may take each; the SDK's limits mostly end them sooner. */
const SIDE_CALL_MS = 8_000;
/** Of a short invocation, the most that claiming may take: a store that hangs costs the counters, not the cycle. */
const CLAIM_SHARE = 0.25;

/**
 * One cycle: claim the readings, discover the pods, scrape, decode and fold them, publish, commit, report.
 * @throws CollectorError where there is nothing to report: the API server cannot be reached or refuses the list
 */
export async function collect(collector: Collector, tick: Tick): Promise<Outcome> {
  const { clock, api, readings } = collector;
  const start = clock.elapsed();
  const reserveMs = Math.round(Math.min(RESERVE.ms, tick.remainingMs() * RESERVE.share));
  const scrapeLeftMs = () => tick.remainingMs() - reserveMs;
  const reportLeftMs = () => tick.remainingMs() - reserveMs * REPORT_SHARE;
  const claimMs = Math.round(Math.min(SIDE_CALL_MS, tick.remainingMs() * CLAIM_SHARE));

  const base = tick.dryRun
    ? await peekBase(readings, claimMs)
    : await claimBase(readings, tick.time, tick.remainingMs() + CLAIM_SKEW_MS, claimMs);
  const warnings = [...collector.notices, ...base.warnings];
  if (base.may === 'skip') {
    const durationsMs = { discover: 0, scrape: 0, publish: 0, total: clock.elapsed() - start };
    return { report: { ...blankReport(collector, tick), durationsMs, warnings }, failure: undefined };
  }

  const subnetsRead = collector.subnets?.(Math.min(SIDE_CALL_MS, scrapeLeftMs()));
  const discoverStart = clock.elapsed();
  const pods = await api.listPods(scrapeLeftMs());
  const scrapeStart = clock.elapsed();
  const podLines: string[] = [];
  const fold = await readPods(
    api,
    pods,
    {
      concurrency: collector.scrape.concurrency,
      perPodMs: collector.scrape.timeoutMs,
      remainingMs: scrapeLeftMs,
      wait: collector.wait,
    },
    (pod, result) => tick.verbose && podLines.push(podLine(pod, result)),
  );
  const scrapeEnd = clock.elapsed();
  const coverage = podsReport(fold, pods.length);
  const subnets = await subnetsRead;
  warnings.push(...foldWarnings(fold, coverage), ...(subnets?.warnings ?? []));

  const unreadable = nothingRead(coverage);
  const counted =
    base.may === 'count' && !unreadable
      ? increase(base.readings, { time: tick.time, listed: namesOf(pods), read: fold.readings })
      : undefined;
  const publishStart = clock.elapsed();
  const metrics = unreadable
    ? coverageMetrics(pods.length, 0)
    : [
        ...cycleMetrics(fold, pods.length, counted?.increases, publishStart - start),
        ...(subnets?.metrics ?? []),
      ];
  const sent = await publish(collector, tick, metrics, reportLeftMs());
  if (counted && !sent.failure && !tick.dryRun)
    warnings.push(...(await commit(collector, counted, Math.min(SIDE_CALL_MS, reportLeftMs()))));
  const end = clock.elapsed();

  return {
    report: {
      ...blankReport(collector, tick),
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
      ...(tick.verbose && { podLines: podLines.sort() }),
    },
    failure: unreadable ?? sent.failure ?? (base.may === 'observe' ? base.failure : undefined),
  };
}

/** A cycle without a single reading is a failure, and people need to know which one. */
function nothingRead({ found, read, failures }: PodsReport): CollectorError | undefined {
  if (found === 0)
    return new CollectorError('no-pods', 'kube-system has no running pod with label k8s-app=aws-node');
  if (read > 0) return undefined;
  const remedy = mostTelling(failures)?.remedy;
  return new CollectorError(
    'no-pods-read',
    `none of ${found} aws-node pods could be read: ${failures.map(failureSentence).join('; ')}`,
    remedy === undefined ? {} : { remedy },
  );
}

async function publish(
  { sink }: Collector,
  tick: Tick,
  metrics: readonly Metric[],
  budgetMs: number,
): Promise<{ published: Report['published']; failure?: CollectorError }> {
  if (sink === undefined || tick.dryRun) return { published: null };
  try {
    const { datums, requests } = await sink.publish(metrics, tick.time, budgetMs);
    return { published: { sink: sink.name, datums, requests } };
  } catch (failure) {
    if (!(failure instanceof CollectorError)) throw failure;
    return { published: null, failure };
  }
}

/** After the publishing a store that fails is no loss: it keeps the readings in memory for the next cycle. */
async function commit({ readings }: Collector, { next }: Counted, budgetMs: number): Promise<Warning[]> {
  try {
    await readings.commit(next, budgetMs);
    return [];
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    return [{ code: 'commit-failed', message: error.message }];
  }
}

function foldWarnings({ notFinite: { samples, pods } }: Fold, { failures }: PodsReport): Warning[] {
  return [
    ...failures.map((failure) => ({ code: 'partial-coverage' as const, message: failureSentence(failure) })),
    ...(samples > 0
      ? [{ code: 'not-finite' as const, message: `${samples} samples left out, on ${pods.join(', ')}` }]
      : []),
  ];
}

function blankReport(
  { cluster, clusterId }: Collector,
  tick: Tick,
): Omit<Report, 'durationsMs' | 'warnings'> {
  return {
    cluster,
    clusterId,
    time: new Date(tick.time).toISOString(),
    pods: podsReport(emptyFold(), 0),
    metrics: [],
    published: null,
    counters: { baselined: 0, restarted: 0 },
    fullest: [],
  };
}

const namesOf = (pods: readonly Pod[]): ReadonlySet<string> => new Set(pods.map(({ name }) => name));
