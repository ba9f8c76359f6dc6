import { SCRAPE_FAILURES, type ScrapeFailureCode } from '../domain/causes.ts';
import type { Fold } from '../domain/fold.ts';
import { CollectorError } from '../errors.ts';

/** How much of the cluster a cycle has read, and why not the rest. */
export interface Coverage {
  readonly found: number;
  readonly read: number;
  readonly failed: number;
  /** Nodes with IPv6 prefixes: not part of total, warm and utilization. */
  readonly ipv6: number;
  /** The most frequent failure first. */
  readonly failures: readonly FailureReport[];
}

export interface FailureReport {
  readonly code: ScrapeFailureCode;
  readonly count: number;
  /** The first few by name. */
  readonly pods: readonly string[];
  /** What the first of them said. */
  readonly example: string;
  readonly remedy: string;
}

export function coverageOf(fold: Fold, found: number): Coverage {
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

/** `scrape-timeout on 3 pods (aws-node-a, aws-node-b, …): what the first said` */
export function failureSentence({ code, count, pods, example }: FailureReport): string {
  const named = pods.length < count ? `${pods.join(', ')}, …` : pods.join(', ');
  return `${code} on ${count} ${count === 1 ? 'pod' : 'pods'} (${named}): ${example}`;
}

/** The most frequent failure of pods that were attempted: the others say nothing about the cause. */
export const mostTelling = (failures: readonly FailureReport[]): FailureReport | undefined =>
  failures.find(({ code }) => code !== 'deadline-reached') ?? failures[0];

/** Why nothing at all was read; undefined where something was. */
export function nothingRead({ found, read, failures }: Coverage): CollectorError | undefined {
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
