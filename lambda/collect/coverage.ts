import { METRICS_PORT } from '../contract.ts';
import { SCRAPE_FAILURES, type ScrapeFailureCode } from '../domain/causes/scrape-failures.ts';
import type { Fold } from '../domain/fold.ts';
import { type NamedPods, namedPods, podsText } from '../domain/named-pods.ts';
import { CollectorError } from '../errors.ts';
import type { Pod } from './ports.ts';
import { type UnknownReport, unknownReportOf, unknownWarnings } from './unknown-report.ts';
import type { Warning } from './warning.ts';

/** How much of the cluster a cycle has read, and why the rest is missing. */
export interface Coverage {
  readonly found: number;
  readonly read: number;
  readonly failed: number;
  /** Nodes with IPv6 prefixes: not part of total, warm and utilization. */
  readonly ipv6: number;
  /** Nodes whose addresses in use and held cannot be right: not part of total, warm and utilization. */
  readonly implausible?: number;
  /** Pods left out because a younger one has the same node or address; not part of `found`. */
  readonly ignored?: Readonly<NamedPods>;
  /** Pods that were read, but that some metrics do not include. */
  readonly unknown?: readonly UnknownReport[];
  /** The most frequent failure first. */
  readonly failures: readonly FailureReport[];
}

interface FailureReport {
  readonly code: ScrapeFailureCode;
  readonly count: number;
  /** The first few by name. */
  readonly pods: readonly string[];
  /** What the first of them said. */
  readonly example: string;
  readonly remedy: string;
}

export function coverageOf(fold: Fold, found: number, ignored: readonly Pod[] = []): Coverage {
  const failures = [...fold.failures]
    .map(([code, { count, pods, example }]) => ({
      code,
      count,
      pods,
      example,
      remedy: SCRAPE_FAILURES[code].remedy,
    }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  const unknown = unknownReportOf(fold.unknown);
  return {
    found,
    read: fold.readings.size,
    failed: failures.reduce((sum, { count }) => sum + count, 0),
    ipv6: fold.ipv6Nodes,
    ...(fold.implausibleNodes > 0 && { implausible: fold.implausibleNodes }),
    ...(ignored.length > 0 && { ignored: namedPods(ignored.map(({ name }) => name)) }),
    ...(unknown.length > 0 && { unknown }),
    failures,
  };
}

/** `scrape-timeout on 3 pods (aws-node-a, aws-node-b, …): what the first said` */
export function failureSentence({ code, example, ...pods }: FailureReport): string {
  return `${code} on ${podsText(pods)}: ${example}`;
}

/** What the report warns of: pods that were not read, that do not count, or that some metrics do not include. */
export function coverageWarnings({ failures, ignored, unknown = [] }: Coverage): Warning[] {
  return [
    ...failures.map((failure) => ({ code: 'partial-coverage' as const, message: failureSentence(failure) })),
    ...(ignored ? [{ code: 'pods-share-node' as const, message: `${podsText(ignored)} left out` }] : []),
    ...unknownWarnings(unknown),
  ];
}

/** Pods that were not attempted say nothing about the cause. */
const isUntried = ({ code }: FailureReport): boolean =>
  code === 'deadline-reached' || code === 'not-attempted';

/** The most frequent failure of pods that were attempted. */
export const mainFailure = (failures: readonly FailureReport[]): FailureReport | undefined =>
  failures.find((failure) => !isUntried(failure)) ?? failures[0];

/** Why no pod was read; undefined if one was. */
export function nothingRead({ found, read, failures }: Coverage): CollectorError | undefined {
  if (found === 0)
    return new CollectorError('no-pods', 'kube-system has no running pod with label k8s-app=aws-node');
  if (read > 0) return undefined;
  const { remedy, reason } = likelyCause(failures);
  const seen = failures.map(failureSentence).join('; ');
  return new CollectorError(
    'no-pods-read',
    `none of ${found} aws-node pods could be read${reason}: ${seen}`,
    remedy === undefined ? {} : { remedy },
  );
}

const UNANSWERED: ReadonlySet<ScrapeFailureCode> = new Set(['scrape-timeout', 'port-unreachable']);

/** A closed port and a slow node look alike on one node; on all of them at once it is the port. */
function likelyCause(failures: readonly FailureReport[]): { remedy?: string | undefined; reason: string } {
  const isUnanswered = failures.every((failure) => isUntried(failure) || UNANSWERED.has(failure.code));
  const isSeen = failures.some(({ code }) => UNANSWERED.has(code));
  return isUnanswered && isSeen
    ? {
        remedy: SCRAPE_FAILURES['port-unreachable'].remedy,
        reason: `, though the API server listed them: tcp/${METRICS_PORT} of the nodes is closed to it, most likely`,
      }
    : { remedy: mainFailure(failures)?.remedy, reason: '' };
}
