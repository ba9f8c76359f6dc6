import { SCRAPE_FAILURES, type ScrapeFailureCode, type WarningCode } from '../domain/causes.ts';
import type { Fold, NodeUse } from '../domain/fold.ts';
import type { Metric } from '../domain/metric.ts';

/** What one invocation answers and logs; the shape is documented in docs/report-and-events.md and stays stable. */
export interface Report {
  readonly cluster: string;
  readonly clusterId: string;
  /** The timestamp of all metrics of the cycle, ISO 8601. */
  readonly time: string;
  readonly pods: PodsReport;
  /** Everything that was, or in a dry run would have been, published. */
  readonly metrics: readonly Metric[];
  /** Null where nothing was sent: dry run, USE_CLOUDWATCH=no, or a tick that is published already. */
  readonly published: { readonly sink: string; readonly datums: number; readonly requests: number } | null;
  readonly counters: {
    /** Pods whose counters start here: nothing is known of what they counted before. */
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
  /** The nodes nearest exhaustion, worst first, ten at most. */
  readonly fullest: readonly NodeUse[];
  /** One line a pod, by name; only where the event asks for it (verbose), and never in the log. */
  readonly podLines?: readonly string[];
}

export interface PodsReport {
  readonly found: number;
  readonly read: number;
  readonly failed: number;
  /** Nodes with IPv6 prefixes: not part of total, warm and utilisation. */
  readonly ipv6: number;
  readonly failures: readonly FailureReport[];
}

export interface FailureReport {
  readonly code: ScrapeFailureCode;
  readonly count: number;
  /** The first few by name. */
  readonly pods: readonly string[];
  /** What was seen on the first of them. */
  readonly example: string;
  readonly remedy: string;
}

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

/** Coverage and failures of a cycle, the most frequent failure first. */
export function podsReport(fold: Fold, found: number): PodsReport {
  const failures = [...fold.failures]
    .map(([code, { count, pods, example }]) => ({
      code,
      count,
      pods,
      example,
      remedy: SCRAPE_FAILURES[code].remedy,
    }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  return {
    found,
    read: fold.readings.size,
    failed: failures.reduce((sum, { count }) => sum + count, 0),
    ipv6: fold.ipv6Nodes,
    failures,
  };
}

/** `timeout on 3 pods (aws-node-a, aws-node-b, …): what the first said` */
export function failureSentence({ code, count, pods, example }: FailureReport): string {
  const named = pods.length < count ? `${pods.join(', ')}, …` : pods.join(', ');
  return `${code} on ${count} ${count === 1 ? 'pod' : 'pods'} (${named}): ${example}`;
}

/** The failure that says most: the most frequent one of pods that were tried. Pods whose turn did not come say nothing of why. */
export const mostTelling = (failures: readonly FailureReport[]): FailureReport | undefined =>
  failures.find(({ code }) => code !== 'deadline-reached') ?? failures[0];
