import { COUNTERS, GAUGES } from '../catalogue.ts';
import type { ApiLatency, PodReading } from '../pod-reading.ts';
import { asBytes, sharedBytes } from './bytes.ts';
import { faultAt } from './error.ts';
import type { CounterTarget, Target } from './families.ts';
import { findLabel, type Labels, labelValue, valueIs } from './labels.ts';

const API = asBytes('api');
const QUANTILE = asBytes('quantile');
const P99 = asBytes('0.99');

/** Above it whole numbers are not exact, so neither is their sum; no node counts so far. */
const MOST = 2 ** 53;

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
  notFinite: number;
  /** Samples of the CNI's own families. */
  samples: number;
  /** The latency of the line before, and where its API stands: successive lines mostly share it. */
  latest: { readonly latency: Latency; readonly from: number; readonly length: number } | undefined;
}

export function newTotals(): Totals {
  return {
    startTime: NaN,
    gauges: GAUGES.map(() => NaN),
    counters: COUNTERS.map(() => NaN),
    latencies: new Map(),
    notFinite: 0,
    samples: 0,
    latest: undefined,
  };
}

/**
 * Adds one sample; `at` is where its value stands. Plain additions: ipamd's values are whole numbers (latencies
 * too are whole milliseconds), whose sums are exact below 2^53.
 * @throws ExpositionError for a value no ipamd can have
 */
export function addSample(totals: Totals, target: Target, labels: Labels, value: number, at: number): void {
  const { bytes } = labels.answer;
  if (target.kind !== 'start-time') totals.samples += 1;
  if (!Number.isFinite(value)) {
    const part = target.kind === 'latency' ? target.part : undefined;
    if (part !== 'quantile') totals.notFinite += 1;
    // What is left of a total would look like one that fell and began anew: it is unknown as a whole.
    if (target.kind === 'counter') {
      for (const row of target.rows) if (selects(row, labels)) totals.counters[row.index] = Infinity;
    }
    // Sum and count make a mean: where one is unknown, so is the other.
    if (part === 'sum' || part === 'count') latencyOf(totals, labels)[part] = NaN;
    return;
  }
  if (Math.abs(value) > MOST) throw faultAt(bytes, at, 'the value is beyond 2^53');
  if (value < 0 && target.kind !== 'gauge') throw faultAt(bytes, at, 'the value is negative');
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
      addLatency(latencyOf(totals, labels), target.part, labels, value);
  }
}

export const plus = (total: number | undefined, value: number): number =>
  total === undefined || Number.isNaN(total) ? value : total + value;

/** A series without the label counts for neither kind of selection. */
function selects({ select }: CounterTarget, labels: Labels): boolean {
  if (!select) return true;
  const label = findLabel(labels, select.label);
  if (label === -1) return false;
  const listed = select.values.some((value) => valueIs(labels, label, value));
  return select.is === 'one-of' ? listed : !listed;
}

function addLatency(latency: Latency, part: 'sum' | 'count' | 'quantile', labels: Labels, value: number) {
  if (part === 'sum') {
    latency.sum += value;
    latency.hasSum = true;
  } else if (part === 'count') {
    latency.count += value;
    latency.hasCount = true;
  } else {
    const label = findLabel(labels, QUANTILE);
    if (label !== -1 && valueIs(labels, label, P99)) latency.p99 = Math.max(latency.p99, value);
  }
}

function latencyOf(totals: Totals, labels: Labels): Latency {
  const { answer, start, places } = labels;
  const label = findLabel(labels, API);
  const from = label === -1 ? 0 : start + (places[4 * label + 2] ?? 0);
  const length = label === -1 ? 0 : start + (places[4 * label + 3] ?? 0) - from;
  const { latest } = totals;
  if (latest?.length === length && sharedBytes(answer, latest.from, from, length) === length)
    return latest.latency;
  const api = label === -1 ? '' : labelValue(labels, label);
  let latency = totals.latencies.get(api);
  if (!latency) {
    latency = { api, sum: 0, count: 0, hasSum: false, hasCount: false, p99: -Infinity };
    totals.latencies.set(api, latency);
  }
  totals.latest = { latency, from, length };
  return latency;
}

export function readingOf({ startTime, gauges, counters, latencies, notFinite }: Totals): PodReading {
  const read: ApiLatency[] = [];
  for (const { api, sum, count, hasSum, hasCount, p99 } of latencies.values()) {
    if (!hasSum || !hasCount || Number.isNaN(sum + count)) continue;
    read.push(p99 >= 0 ? { api, count, sum, p99 } : { api, count, sum });
  }
  return { startTime, gauges, counters, latencies: read, notFinite };
}
