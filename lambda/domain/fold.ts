import { GAUGES } from './catalogue.ts';
import type { ScrapeFailureCode } from './causes.ts';
import { addExactly, type ExactSum } from './exact-sum.ts';
import type { PodReading } from './pod-reading.ts';

/** What a cycle has seen of the pods. Pods can be added in any order: the result is the same to the last digit. */
export interface Fold {
  /** By position in GAUGES: the sum, and how many pods expose the family. */
  readonly gauges: readonly { readonly sum: ExactSum; exposedBy: number }[];
  /** Free addresses of the nodes whose use is known. */
  readonly warm: ExactSum;
  /** Nodes whose use (assigned and total) is known; IPv6 nodes are not among them. */
  measuredNodes: number;
  nodesWithoutWarm: number;
  ipv6Nodes: number;
  /** Utilization in percent → number of nodes. */
  readonly utilization: Map<number, number>;
  /** The nodes nearest exhaustion, worst first, FULLEST at most. */
  fullest: readonly NodeUse[];
  /** What was read, by pod name: the counters' increases are taken from it. */
  readonly readings: Map<string, PodReading>;
  readonly failures: Map<ScrapeFailureCode, Failures>;
  /** Samples left out because they are NaN or infinite, and the pods that expose them. */
  readonly notFinite: { samples: number; pods: readonly string[] };
}

export interface NodeUse {
  readonly node: string;
  readonly pod: string;
  readonly assigned: number;
  readonly total: number;
  /** 100 × assigned / total */
  readonly percent: number;
}

export interface Failures {
  readonly count: number;
  /** The first few in the order of their names, so that every run names the same. */
  readonly pods: readonly string[];
  /** What the first of them said. */
  readonly example: string;
}

/** How many pods a failure names, and how many nodes count as nearest exhaustion. */
const NAMED_PODS = 5;
const FULLEST = 10;

/** A node with an IPv6 /80 prefix adds this to awscni_total_ip_addresses: no pool that could run dry. */
const IPV6_PREFIX_ADDRESSES = 2 ** 48;

const gaugeAt = (name: (typeof GAUGES)[number]['name']): number =>
  GAUGES.findIndex((gauge) => gauge.name === name);
const ASSIGNED = gaugeAt('assignIPAddresses');
const TOTAL = gaugeAt('totalIPAddresses');

export function emptyFold(): Fold {
  return {
    gauges: GAUGES.map(() => ({ sum: [], exposedBy: 0 })),
    warm: [],
    measuredNodes: 0,
    nodesWithoutWarm: 0,
    ipv6Nodes: 0,
    utilization: new Map(),
    fullest: [],
    readings: new Map(),
    failures: new Map(),
    notFinite: { samples: 0, pods: [] },
  };
}

/** Adds what one pod answered, in place. */
export function addReading(fold: Fold, pod: { name: string; node: string }, reading: PodReading): void {
  fold.readings.set(pod.name, reading);
  if (reading.notFinite > 0) {
    fold.notFinite.samples += reading.notFinite;
    fold.notFinite.pods = firstFew([...fold.notFinite.pods, pod.name]);
  }
  const assigned = reading.gauges[ASSIGNED] ?? Number.NaN;
  const total = reading.gauges[TOTAL] ?? Number.NaN;
  const ipv6 = total >= IPV6_PREFIX_ADDRESSES;
  if (ipv6) fold.ipv6Nodes += 1;
  fold.gauges.forEach((gauge, index) => {
    const value = reading.gauges[index] ?? Number.NaN;
    if (Number.isNaN(value) || (ipv6 && index === TOTAL)) return;
    addExactly(gauge.sum, value);
    gauge.exposedBy += 1;
  });
  if (!ipv6 && !Number.isNaN(assigned) && !Number.isNaN(total)) addUse(fold, pod, assigned, total);
}

function addUse(fold: Fold, pod: { name: string; node: string }, assigned: number, total: number): void {
  fold.measuredNodes += 1;
  addExactly(fold.warm, total);
  addExactly(fold.warm, -assigned);
  if (total <= assigned) fold.nodesWithoutWarm += 1;
  // A node that holds no address at all has no utilization; nodesWithoutWarmIPs counts it.
  if (total === 0) return;
  const percent = (100 * assigned) / total;
  fold.utilization.set(percent, (fold.utilization.get(percent) ?? 0) + 1);
  const least = fold.fullest.at(-1);
  if (fold.fullest.length < FULLEST || least === undefined || percent >= least.percent)
    fold.fullest = worstFirst([...fold.fullest, { node: pod.node, pod: pod.name, assigned, total, percent }]);
}

/** Counts one pod that was not read, in place. */
export function addFailure(fold: Fold, pod: string, code: ScrapeFailureCode, message: string): void {
  const known = fold.failures.get(code) ?? { count: 0, pods: [], example: '' };
  const pods = firstFew([...known.pods, pod]);
  const example = pods[0] === pod ? message : known.example;
  fold.failures.set(code, { count: known.count + 1, pods, example });
}

const firstFew = (pods: readonly string[]): readonly string[] => pods.toSorted().slice(0, NAMED_PODS);

const worstFirst = (nodes: readonly NodeUse[]): readonly NodeUse[] =>
  nodes.toSorted((a, b) => b.percent - a.percent || (a.pod < b.pod ? -1 : 1)).slice(0, FULLEST);
