import { MAX_API_LENGTH, MAX_APIS, OTHER_APIS } from '../api-names.ts';
import { COUNTERS, GAUGES, gaugeAt, NOT_API_CALLS } from '../catalog.ts';
import type { ApiLatency, InvalidFamily, PodReading } from '../pod-reading.ts';
import { asBytes, sharedBytes } from './bytes.ts';
import { addFact, type Facts, factsOf, invalidateFact, isSeconds, newFacts } from './facts.ts';
import { type CounterTarget, NAMES, type Target } from './families.ts';
import { findLabel, type Labels, labelValue, valueEnd, valueIs, valueStart } from './labels.ts';
import { missingFamilies } from './missing-families.ts';

const API = asBytes('api');
const QUANTILE = asBytes('quantile');
const P99 = asBytes('0.99');

/** What no node exceeds: EC2's largest instances have some 100 interfaces of 50 /28 prefixes, 80,000 addresses. */
const MAX_ADDRESSES = 1_000_000;
/** An IPv6 node adds 2^48 addresses for each of its /80 prefixes. */
const IPV6_TOTAL = { least: 2 ** 48, most: 2 ** 52 } as const;
const TOTAL = gaugeAt('totalIPAddresses');
/** A thousand events, or milliseconds, a second for thirty years. */
const MAX_EVENTS = 1e12;

interface Latency {
  readonly api: string;
  sum: number;
  count: number;
  /** Whether there was a sum, and a count. */
  hasSum: boolean;
  hasCount: boolean;
  p99: number;
}

/** What the lines of one answer have added up to so far. */
export interface Totals {
  startTime: number;
  readonly gauges: number[];
  readonly counters: number[];
  readonly latencies: Map<string, Latency>;
  hasQuantiles: boolean;
  readonly facts: Facts;
  /** By name: why a sample of it is not valid. */
  readonly invalid: Map<string, InvalidFamily['why']>;
  /** Samples of the metrics of the catalog: an answer without any is not one of ipamd. */
  samples: number;
  /** The latency of the line before, and where its API is: successive lines mostly share it. */
  latest: { readonly latency: Latency; readonly from: number; readonly length: number } | undefined;
}

const NO_GAUGES = GAUGES.map(() => NaN);
const NO_COUNTERS = COUNTERS.map(() => NaN);

export function newTotals(): Totals {
  return {
    startTime: NaN,
    gauges: NO_GAUGES.slice(),
    counters: NO_COUNTERS.slice(),
    latencies: new Map(),
    hasQuantiles: false,
    facts: newFacts(),
    invalid: new Map(),
    samples: 0,
    latest: undefined,
  };
}

/**
 * Adds one sample. Plain additions: ipamd's values are whole numbers (latencies too are whole milliseconds), whose
 * sums are exact below 2^53. A value that ipamd cannot have makes its family unknown and nothing else.
 * @param name position in NAMES
 */
export function addSample(totals: Totals, name: number, labels: Labels, value: number): void {
  const known = NAMES[name];
  if (!known) return;
  const { target } = known;
  if (target.kind !== 'start-time' && target.kind !== 'fact') totals.samples += 1;
  if (!isValid(target, value)) {
    spoil(totals, target, labels);
    if (target.kind !== 'latency' || target.part !== 'quantile')
      totals.invalid.set(known.name, Number.isFinite(value) ? 'invalid-value' : 'not-finite');
    return;
  }
  switch (target.kind) {
    case 'start-time':
      if (labels.count === 0) totals.startTime = value;
      break;
    case 'gauge':
      totals.gauges[target.index] = plus(totals.gauges[target.index], value);
      break;
    case 'counter':
      for (const row of target.rows) {
        if (selects(row, labels)) totals.counters[row.index] = plus(totals.counters[row.index], value);
      }
      break;
    case 'latency':
      addLatency(totals, target.part, labels, value);
      break;
    case 'fact':
      addFact(totals.facts, target.part, labels, value);
  }
}

function isValid(target: Target, value: number): boolean {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return false;
  if (Number.isInteger(value)) return true;
  return (
    target.kind === 'start-time' ||
    (target.kind === 'latency' && target.part === 'quantile') ||
    (target.kind === 'fact' && isSeconds(target.part))
  );
}

/** Makes unknown what the invalid sample would have been a part of. */
function spoil(totals: Totals, target: Target, labels: Labels): void {
  switch (target.kind) {
    case 'start-time':
      break;
    case 'gauge':
      totals.gauges[target.index] = Infinity;
      break;
    case 'counter':
      // The rest of a total would look like one that fell and restarted.
      for (const row of target.rows) if (selects(row, labels)) totals.counters[row.index] = Infinity;
      break;
    case 'latency':
      if (target.part === 'quantile') totals.hasQuantiles = true;
      // Sum and count make a mean: where one is unknown, so is the other.
      else latencyOf(totals, labels)[target.part] = NaN;
      break;
    case 'fact':
      invalidateFact(totals.facts, target.part);
  }
}

const plus = (total: number | undefined, value: number): number =>
  total === undefined || Number.isNaN(total) ? value : total + value;

/** A series without the label counts for neither kind of selection. */
function selects({ select }: CounterTarget, labels: Labels): boolean {
  if (!select) return true;
  const label = findLabel(labels, select.label);
  if (label === -1) return false;
  const listed = select.values.some((value) => valueIs(labels, label, value));
  return select.is === 'one-of' ? listed : !listed;
}

function addLatency(totals: Totals, part: 'sum' | 'count' | 'quantile', labels: Labels, value: number): void {
  const latency = latencyOf(totals, labels);
  if (part === 'sum') {
    latency.sum += value;
    latency.hasSum = true;
  } else if (part === 'count') {
    latency.count += value;
    latency.hasCount = true;
  } else {
    totals.hasQuantiles = true;
    const label = findLabel(labels, QUANTILE);
    if (label !== -1 && valueIs(labels, label, P99)) latency.p99 = Math.max(latency.p99, value);
  }
}

function latencyOf(totals: Totals, labels: Labels): Latency {
  const { answer } = labels;
  const label = findLabel(labels, API);
  const from = label === -1 ? 0 : valueStart(labels, label);
  const length = label === -1 ? 0 : valueEnd(labels, label) - from;
  const { latest } = totals;
  if (latest?.length === length && sharedBytes(answer, latest.from, from, length) === length)
    return latest.latency;
  const name = label === -1 ? '' : (labelValue(labels, label, MAX_API_LENGTH) ?? OTHER_APIS);
  const api = totals.latencies.has(name) || totals.latencies.size < MAX_APIS ? name : OTHER_APIS;
  let latency = totals.latencies.get(api);
  if (!latency) {
    latency = { api, sum: 0, count: 0, hasSum: false, hasCount: false, p99: -Infinity };
    totals.latencies.set(api, latency);
  }
  totals.latest = { latency, from, length };
  return latency;
}

const NO_INVALID: readonly InvalidFamily[] = [];

export function readingOf(totals: Totals): PodReading {
  const { startTime, gauges, counters, latencies, facts, invalid } = totals;
  GAUGES.forEach(({ family }, index) => {
    if (!exceeds(gauges[index], MAX_ADDRESSES)) return;
    if (index === TOTAL && isIpv6Total(gauges[index] ?? 0)) return;
    gauges[index] = Infinity;
    invalid.set(family, 'invalid-value');
  });
  COUNTERS.forEach(({ family }, index) => {
    if (!exceeds(counters[index], MAX_EVENTS)) return;
    counters[index] = Infinity;
    invalid.set(family, 'invalid-value');
  });
  if ((facts.inUseOnEnis[0] ?? 0) > MAX_ADDRESSES) invalidateFact(facts, 'eni');
  if (facts.connmarkErrors > MAX_EVENTS) invalidateFact(facts, 'connmark');
  return {
    startTime,
    gauges,
    counters,
    latencies: usableLatencies(latencies),
    invalid: invalid.size === 0 ? NO_INVALID : invalidFamilies(invalid),
    lacks: missingFamilies(totals),
    facts: factsOf(facts),
  };
}

/** A known total above `most`: Infinity is unknown already, with its own reason. */
const exceeds = (total: number | undefined, most: number): boolean =>
  total !== undefined && total > most && total !== Infinity;

const isIpv6Total = (total: number): boolean => total >= IPV6_TOTAL.least && total <= IPV6_TOTAL.most;

function usableLatencies(latencies: Totals['latencies']): ApiLatency[] {
  const usable: ApiLatency[] = [];
  for (const { api, sum, count, hasSum, hasCount, p99 } of latencies.values()) {
    if (NOT_API_CALLS.has(api) || !hasSum || !hasCount) continue;
    if (!(sum <= MAX_EVENTS && count <= MAX_EVENTS)) continue;
    usable.push(p99 >= 0 ? { api, count, sum, p99 } : { api, count, sum });
  }
  return usable;
}

const invalidFamilies = (invalid: Totals['invalid']): InvalidFamily[] =>
  [...invalid].map(([family, why]) => ({ family, why })).sort((a, b) => (a.family < b.family ? -1 : 1));
