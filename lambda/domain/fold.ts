import { COUNTERS, GAUGES, type MetricName, UTILIZATION, WARM, WITHOUT_WARM } from './catalog.ts';
import type { ScrapeFailureCode } from './causes/scrape-failures.ts';
import { addFacts, type CniFacts, noFacts } from './cni-facts.ts';
import { addExactly, type ExactSum } from './exact-sum.ts';
import { addPod, type NamedPods, noPods } from './named-pods.ts';
import { HELD, IN_USE, type NodeGauges, nodeGauges } from './node-gauges.ts';
import type { PodReading } from './pod-reading.ts';
import { addUnknown, type Unknown, type UnknownPods } from './unknown.ts';

/** What a cycle has seen of the pods. Pods can be added in any order: the result is the same to the last digit. */
export interface Fold {
  /** By position in GAUGES: the sum, and how many pods it includes. */
  readonly gauges: readonly { readonly sum: ExactSum; includes: number }[];
  /** Free addresses of the nodes whose use is known. */
  readonly warm: ExactSum;
  /** Nodes whose addresses in use and held are known; IPv6 nodes are not among them. */
  measuredNodes: number;
  nodesWithoutWarm: number;
  ipv6Nodes: number;
  /** Nodes whose addresses in use and held cannot be right. */
  implausibleNodes: number;
  /** Utilization in percent → number of nodes. */
  readonly utilization: Map<number, number>;
  /** The nodes to look at first, ten at most: the implausible ones, then those nearest exhaustion. */
  fullest: readonly NodeUse[];
  /** What was read, by pod name: the increases of the counters are taken from it. */
  readonly readings: Map<string, PodReading>;
  readonly failures: Map<ScrapeFailureCode, Failures>;
  /** Pods that were read, but that a metric does not include. */
  readonly unknown: UnknownPods;
  readonly facts: CniFacts;
}

export interface NodeUse {
  readonly node: string;
  readonly pod: string;
  /** As ipamd says; null: unknown. */
  readonly assigned: number | null;
  readonly total: number | null;
  /** 100 × assigned / total; null if the node is implausible. */
  readonly percent: number | null;
  /** The numbers of the node contradict each other, or one of them cannot be right. */
  readonly implausible?: true;
}

interface Failures extends NamedPods {
  /** What the first of these pods said. */
  example: string;
}

/** How many nodes are named as those to look at first. */
const FULLEST = 10;

export function emptyFold(): Fold {
  return {
    gauges: GAUGES.map(() => ({ sum: [], includes: 0 })),
    warm: [],
    measuredNodes: 0,
    nodesWithoutWarm: 0,
    ipv6Nodes: 0,
    implausibleNodes: 0,
    utilization: new Map(),
    fullest: [],
    readings: new Map(),
    failures: new Map(),
    unknown: new Map(),
    facts: noFacts(),
  };
}

/** Adds what one pod answered, in place. */
export function addReading(fold: Fold, pod: { name: string; node: string }, reading: PodReading): void {
  fold.readings.set(pod.name, reading);
  addFacts(fold.facts, pod.name, reading.facts);
  const node = nodeGauges(reading);
  fold.gauges.forEach((gauge, position) => {
    const value = node.values[position] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    addExactly(gauge.sum, value);
    gauge.includes += 1;
  });
  if (node.ipv6) fold.ipv6Nodes += 1;
  if (node.implausible) fold.implausibleNodes += 1;
  addUse(fold, pod, node, reading);
  addUnknown(fold.unknown, pod.name, [...node.unknown, ...unknownFromUse(node), ...unknownCounters(reading)]);
}

function addUse(
  fold: Fold,
  pod: { name: string; node: string },
  { values, implausible }: NodeGauges,
  { gauges }: PodReading,
): void {
  const [inUse, held] = [values[IN_USE] ?? Number.NaN, values[HELD] ?? Number.NaN];
  if (implausible) {
    const assigned = knownOrNull(values[IN_USE]);
    const said = { node: pod.node, pod: pod.name, assigned, total: knownOrNull(gauges[HELD]) };
    addToList(fold, { ...said, percent: null, implausible: true });
  }
  if (Number.isNaN(inUse) || Number.isNaN(held)) return;
  fold.measuredNodes += 1;
  addExactly(fold.warm, held);
  addExactly(fold.warm, -inUse);
  if (held === inUse) fold.nodesWithoutWarm += 1;
  // A node that holds no address has no utilization; nodesWithoutWarmIPs counts it.
  if (held === 0) return;
  const percent = (100 * inUse) / held;
  fold.utilization.set(percent, (fold.utilization.get(percent) ?? 0) + 1);
  addToList(fold, { node: pod.node, pod: pod.name, assigned: inUse, total: held, percent });
}

const knownOrNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

function addToList(fold: Fold, use: NodeUse): void {
  const least = fold.fullest.at(-1);
  if (fold.fullest.length < FULLEST || least === undefined || worstFirst(use, least) < 0)
    fold.fullest = [...fold.fullest, use].sort(worstFirst).slice(0, FULLEST);
}

const worstFirst = (a: NodeUse, b: NodeUse): number =>
  (b.percent ?? Number.MAX_VALUE) - (a.percent ?? Number.MAX_VALUE) ||
  (b.assigned ?? 0) - (a.assigned ?? 0) ||
  (a.pod < b.pod ? -1 : 1);

const USE: readonly MetricName[] = ['assignIPAddresses', 'totalIPAddresses'];
const FROM_USE: readonly MetricName[] = [WARM.name, WITHOUT_WARM.name, UTILIZATION.name];

/** The metrics that need both the addresses in use and those held. */
function unknownFromUse({ unknown }: NodeGauges): readonly Unknown[] {
  const cause = unknown.find(({ metric }) => USE.includes(metric));
  return cause ? FROM_USE.map((metric) => ({ metric, why: cause.why })) : [];
}

function unknownCounters({ counters, lacks, invalid }: PodReading): readonly Unknown[] {
  const unknown: Unknown[] = [];
  for (const [position, { name, family, labels, onlyIfExposed }] of COUNTERS.entries()) {
    const value = counters[position] ?? Number.NaN;
    if (value === Infinity)
      unknown.push({
        metric: name,
        why: invalid.find((row) => row.family === family)?.why ?? 'invalid-value',
      });
    else if (!Number.isNaN(value) || onlyIfExposed) continue;
    else if (labels.length === 0 || lacks.includes(family))
      unknown.push({ metric: name, why: 'family-missing' });
  }
  return unknown;
}

/** Counts one pod that was not read, in place. */
export function addFailure(fold: Fold, pod: string, code: ScrapeFailureCode, message: string): void {
  const failures = fold.failures.get(code) ?? { ...noPods(), example: '' };
  fold.failures.set(code, failures);
  addPod(failures, pod);
  if (failures.pods[0] === pod) failures.example = message;
}
