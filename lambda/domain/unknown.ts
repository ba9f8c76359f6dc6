import type { MetricName } from './catalog.ts';
import { addPod, type NamedPods, noPods } from './named-pods.ts';
import type { InvalidFamily } from './pod-reading.ts';

/**
 * Why a metric does not include a pod that was read:
 * - `ipv6-node`: the node has IPv6 prefixes, a pool that cannot run dry
 * - `several-network-cards`: the gauges are those of one of the node's network cards
 * - `implausible-gauges`: the node says that more addresses are in use than it holds
 * - `stale-series`: more addresses are in use by CIDR than in use
 * - `invalid-value`, `not-finite`: the family has a value that ipamd cannot have
 * - `family-missing`: the pod does not expose the family
 */
export type WhyUnknown =
  | InvalidFamily['why']
  | 'ipv6-node'
  | 'several-network-cards'
  | 'implausible-gauges'
  | 'stale-series'
  | 'family-missing';

/** A metric that does not include a pod, and why. */
export interface Unknown {
  readonly metric: MetricName;
  readonly why: WhyUnknown;
}

/** The pods that metrics do not include, by reason and metric. */
export type UnknownPods = Map<WhyUnknown, Map<MetricName, NamedPods>>;

/** Adds what is unknown of one pod, in place. */
export function addUnknown(to: UnknownPods, pod: string, unknown: readonly Unknown[]): void {
  for (const { metric, why } of unknown) {
    const metrics = to.get(why) ?? new Map<MetricName, NamedPods>();
    to.set(why, metrics);
    const pods = metrics.get(metric) ?? noPods();
    metrics.set(metric, pods);
    addPod(pods, pod);
  }
}
