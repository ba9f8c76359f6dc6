import type { Aggregate } from './metric-history.ts';

/**
 * A statistic of what was published in a period. Percentiles need the values themselves: "Percentile statistics are not
 * available" for statistic sets, unless all their values are the same. Between two values the lower rank counts
 * (nearest rank); CloudWatch does not document how it interpolates.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 * @returns undefined where the percentile is not available
 * @throws Error on a statistic that this evaluator does not know
 */
export function statisticOf(aggregate: Aggregate, statistic: string): number | undefined {
  const { count, sum, minimum, maximum } = aggregate;
  switch (statistic) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return minimum;
    case 'Maximum':
      return maximum;
  }
  const percent = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(statistic)?.[1];
  if (percent === undefined) throw new Error(`The evaluator does not know the statistic ${statistic}`);
  return percentile(aggregate, Number(percent));
}

function percentile({ values, count, minimum, maximum }: Aggregate, percent: number): number | undefined {
  if (minimum === maximum) return minimum;
  if (!values) return undefined;
  let below = 0;
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    below += times;
    if (below >= (percent / 100) * count) return value;
  }
  return maximum;
}
