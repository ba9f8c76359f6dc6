import type { Metric } from '../../lambda/domain/metric.ts';

/** A metric as CloudWatch tells it from others. */
export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What CloudWatch keeps of the values of one minute. */
export interface Aggregate {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** How often each value occurred; absent where only sums were published: percentiles are not available then. */
  readonly values?: ReadonlyMap<number, number>;
}

/** What CloudWatch knows: aggregates of one minute, by series. Minutes are counted from the start of the simulation. */
export class MetricHistory {
  readonly #series = new Map<string, Map<number, Aggregate>>();
  readonly #known = new Map<string, Series>();

  /** Adds to what the minute already holds, as a second PutMetricData with the same timestamp does. */
  put(series: Series, minute: number, aggregate: Aggregate): void {
    const minutes = this.#series.get(keyOf(series)) ?? new Map<number, Aggregate>();
    const before = minutes.get(minute);
    minutes.set(minute, before ? merged(before, aggregate) : aggregate);
    this.#series.set(keyOf(series), minutes);
    this.#known.set(keyOf(series), series);
  }

  /** Every series that was ever published, in the order of its first datapoint. */
  series(): readonly Series[] {
    return [...this.#known.values()];
  }

  putValue(series: Series, minute: number, value: number): void {
    this.put(series, minute, { count: 1, sum: value, minimum: value, maximum: value });
  }

  /** The minutes from `from` up to, not including, `to`; undefined where nothing was published. */
  window(series: Series, from: number, to: number): Aggregate | undefined {
    const minutes = this.#series.get(keyOf(series));
    let total: Aggregate | undefined;
    for (let minute = from; minute < to; minute += 1) {
      const aggregate = minutes?.get(minute);
      if (aggregate) total = total ? merged(total, aggregate) : aggregate;
    }
    return total;
  }
}

/** A metric of the collector, as CloudWatch aggregates it. */
export function aggregateOf(metric: Metric): Aggregate {
  if ('value' in metric) {
    return { count: 1, sum: metric.value, minimum: metric.value, maximum: metric.value };
  }
  if ('statistics' in metric) {
    const { sampleCount, sum, minimum, maximum } = metric.statistics;
    return { count: sampleCount, sum, minimum, maximum };
  }
  return aggregateOfValues(metric.values, metric.counts);
}

/** @param counts how often each value occurred; without them once */
export function aggregateOfValues(values: readonly number[], counts?: readonly number[]): Aggregate {
  const times = (index: number) => counts?.[index] ?? 1;
  return {
    count: values.reduce((total, _, index) => total + times(index), 0),
    sum: values.reduce((total, value, index) => total + value * times(index), 0),
    minimum: Math.min(...values),
    maximum: Math.max(...values),
    values: new Map(values.map((value, index) => [value, times(index)])),
  };
}

const merged = (a: Aggregate, b: Aggregate): Aggregate => ({
  count: a.count + b.count,
  sum: a.sum + b.sum,
  minimum: Math.min(a.minimum, b.minimum),
  maximum: Math.max(a.maximum, b.maximum),
  ...(a.values && b.values && { values: added(a.values, b.values) }),
});

function added(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const total = new Map(a);
  for (const [value, count] of b) total.set(value, (total.get(value) ?? 0) + count);
  return total;
}

/** An alarm looks at the same series thousands of times a day. */
const keys = new WeakMap<Series, string>();

function keyOf(series: Series): string {
  const known = keys.get(series);
  if (known !== undefined) return known;
  const { namespace, name, dimensions } = series;
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  const key = JSON.stringify([namespace, name, sorted]);
  keys.set(series, key);
  return key;
}
