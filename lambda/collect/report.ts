import { MAX_APIS } from '../domain/api-names.ts';
import { emptyFold, type NodeUse } from '../domain/fold.ts';
import type { Metric } from '../domain/metric.ts';
import { namedPods, podsText } from '../domain/named-pods.ts';
import type { Counted } from '../domain/state/counters.ts';
import { type AddressReport, addressReport } from './address-report.ts';
import { type CniReport, cniReportOf, cniWarnings } from './cni-report.ts';
import { type Coverage, coverageOf, coverageWarnings } from './coverage.ts';
import type { Collector, Cycle } from './cycle.ts';
import { type Missing, missingMetrics } from './missing.ts';
import type { Observation } from './observe.ts';
import type { SubnetReading } from './ports.ts';
import type { PublishResult, Sent } from './publish.ts';
import type { Warning } from './warning.ts';

/** What one invocation returns and logs; the shape is documented in docs/report-and-events.md and stays stable. */
export interface Report {
  readonly cluster: string;
  readonly clusterId: string;
  /** The timestamp of all metrics of the cycle, ISO 8601. */
  readonly time: string;
  readonly pods: Coverage;
  /** Everything that was, or in a dry run would have been, published. */
  readonly metrics: readonly Metric[];
  /** The other metrics of the catalog, by the reason why they are missing; absent if the tick was skipped. */
  readonly missing?: readonly Missing[];
  /** Versions of the CNI, and what failed in it; absent if no pod was read. */
  readonly cni?: CniReport;
  /** Null if nothing was sent: dry run, USE_CLOUDWATCH=no, or a tick that is published already. */
  readonly published: Sent | null;
  readonly counters: {
    /** Pods whose counters start here: nothing is known about what they counted before. */
    readonly baselined: number;
    /** Pods whose ipamd restarted since the last cycle. */
    readonly restarted: number;
  };
  readonly durationsMs: {
    readonly discover: number;
    readonly scrape: number;
    readonly publish: number;
    readonly total: number;
  };
  readonly warnings: readonly Warning[];
  /** Who holds the addresses of the subnets; absent if it is not known. */
  readonly addresses?: AddressReport;
  /** The nodes to look at first, ten at most: those whose numbers cannot be right, then those nearest to exhaustion. */
  readonly fullest: readonly NodeUse[];
  /** One line per pod, by name; only if the event asks for it (verbose), and never in the log. */
  readonly podLines?: readonly string[];
}

/** The report of a tick that is published already. @param totalMs how long it took to acquire the lease */
export function skippedReport(
  collector: Collector,
  cycle: Cycle,
  warnings: readonly Warning[],
  totalMs: number,
): Report {
  return {
    ...headOf(collector, cycle),
    pods: coverageOf(emptyFold(), 0),
    metrics: [],
    published: null,
    counters: { baselined: 0, restarted: 0 },
    durationsMs: { discover: 0, scrape: 0, publish: 0, total: totalMs },
    warnings,
    fullest: [],
  };
}

interface Parts {
  readonly seen: Observation;
  readonly sent: PublishResult;
  /** Undefined: the counters are withheld. */
  readonly counted: Counted | undefined;
  /** Known before the cluster was observed. */
  readonly warnings: readonly Warning[];
  readonly durationsMs: Report['durationsMs'];
}

export function reportOf(
  collector: Collector,
  cycle: Cycle,
  { seen, sent, counted, warnings, durationsMs }: Parts,
): Report {
  const { fold, coverage, subnets, podLines } = seen;
  const cni = cniReportOf(fold.facts);
  return {
    ...headOf(collector, cycle),
    pods: coverage,
    metrics: sent.metrics,
    missing: missingMetrics(sent.metrics, {
      coverage: collector.cluster && coverage,
      compared: counted?.increases.compared,
      subnets: collector.subnets ? subnetsKnown(subnets) : 'off',
      hasHoldings: (seen.holdings?.rows.length ?? 0) > 0,
      leftOut: sent.leftOut.map(({ name }) => name),
    }),
    ...(coverage.read > 0 && { cni }),
    published: sent.published,
    counters: { baselined: counted?.baselined ?? 0, restarted: counted?.restarted.length ?? 0 },
    durationsMs,
    warnings: [
      ...warnings,
      ...coverageWarnings(coverage),
      ...cniWarnings(cni),
      ...foldedApiWarnings(counted?.foldedApis ?? []),
      ...subnetWarnings(subnets),
      ...sent.leftOut.map(leftOutWarning),
      ...sent.warnings,
    ],
    ...(seen.holdings && { addresses: addressReport(seen.holdings, collector.clock.now()) }),
    fullest: fold.fullest,
    ...(cycle.verbose && { podLines }),
  };
}

/** Scheduler hands an event over within a minute; later than this, somebody sent the event by hand or again. */
const LATE_MS = 5 * 60_000;

/** @param time the tick @param now both epoch milliseconds */
export const lateWarnings = (time: number, now: number): Warning[] =>
  now - time <= LATE_MS
    ? []
    : [
        {
          code: 'tick-late',
          message: `the scheduled time is ${Math.round((now - time) / 60_000)} min ago; all metrics of this cycle carry it`,
        },
      ];

const foldedApiWarnings = (pods: readonly string[]): Warning[] =>
  pods.length === 0
    ? []
    : [
        {
          code: 'apis-folded',
          message: `more AWS APIs than the ${MAX_APIS} that are counted apart, on ${podsText(namedPods(pods))}`,
        },
      ];

const subnetWarnings = ({ warning }: SubnetReading): Warning[] =>
  warning === undefined ? [] : [{ code: 'subnets-unavailable', message: warning }];

const subnetsKnown = ({ subnets, warning }: SubnetReading): 'read' | 'unavailable' =>
  subnets.length === 0 && warning !== undefined ? 'unavailable' : 'read';

const leftOutWarning = (metric: Metric): Warning => ({
  code: 'datum-left-out',
  message: JSON.stringify(metric, (_, value) => (Number.isNaN(value) ? 'NaN' : value)),
});

/** What every report contains, for any outcome of the cycle. */
const headOf = ({ clusterName, clusterId }: Collector, { time }: Cycle) => ({
  cluster: clusterName,
  clusterId,
  time: new Date(time).toISOString(),
});
