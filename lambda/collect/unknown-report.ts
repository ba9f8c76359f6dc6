import type { MetricName } from '../domain/catalog.ts';
import type { WarningCode } from '../domain/causes/warnings.ts';
import { type NamedPods, podsText } from '../domain/named-pods.ts';
import type { UnknownPods, WhyUnknown } from '../domain/unknown.ts';
import type { Warning } from './warning.ts';

/** Metrics that do not include some of the pods that were read, and why. */
export interface UnknownReport extends Readonly<NamedPods> {
  readonly why: WhyUnknown;
  readonly metrics: readonly MetricName[];
}

/** One row for each reason and group of pods; metrics that leave out the same pods share a row. */
export function unknownReportOf(unknown: UnknownPods): UnknownReport[] {
  const rows = new Map<string, UnknownReport & { readonly metrics: MetricName[] }>();
  for (const [why, metrics] of unknown) {
    for (const [metric, { count, pods }] of metrics) {
      const key = JSON.stringify([why, count, pods]);
      const row = rows.get(key);
      if (row) row.metrics.push(metric);
      else rows.set(key, { why, metrics: [metric], count, pods });
    }
  }
  for (const { metrics } of rows.values()) metrics.sort();
  const keys = [...rows.keys()].sort();
  return keys.flatMap((key) => rows.get(key) ?? []);
}

/**
 * One warning for each reason that is worth one. IPv6 nodes and older CNIs are no fault, and a scrape between two writes
 * of ipamd looks like a stale series.
 */
export function unknownWarnings(rows: readonly UnknownReport[]): Warning[] {
  const messages = new Map<WarningCode, string[]>();
  for (const { why, metrics, ...pods } of rows) {
    if (why === 'ipv6-node' || why === 'stale-series' || why === 'family-missing') continue;
    const message = `${metrics.join(', ')} without ${podsText(pods)}`;
    messages.set(why, [...(messages.get(why) ?? []), message]);
  }
  return [...messages].map(([code, texts]) => ({ code, message: texts.join('; ') }));
}
