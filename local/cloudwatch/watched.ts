import { z } from 'zod';
import type { MetricHistory, Series } from './metric-history.ts';
import { evaluateMath } from './metric-math.ts';
import { statisticOf } from './statistic.ts';

const metric = z.strictObject({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).optional(),
});

/**
 * As GetMetricData takes it, and as an alarm on metric math has it:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
 */
export const metricDataQuery = z.strictObject({
  Id: z.string(),
  Label: z.string().optional(),
  ReturnData: z.boolean().optional(),
  Expression: z.string().optional(),
  /** Seconds; of an expression. */
  Period: z.int().optional(),
  MetricStat: z
    .strictObject({
      Metric: metric,
      /** Seconds. */
      Period: z.int(),
      Stat: z.string(),
    })
    .optional(),
});
export type MetricDataQuery = z.infer<typeof metricDataQuery>;

/** What a graph or an alarm shows of each period: a statistic of a series, or metric math over several. */
export type Watched =
  | { readonly series: Series; readonly statistic: string }
  | { readonly expression: string; readonly of: Readonly<Record<string, Watched>> };

/** @param queries to which an expression may refer */
export function watchedBy(
  { MetricStat, Expression = '' }: MetricDataQuery,
  queries: readonly MetricDataQuery[],
): Watched {
  if (MetricStat) return { series: seriesOf(MetricStat.Metric), statistic: MetricStat.Stat };
  return {
    expression: Expression,
    of: Object.fromEntries(usedBy(Expression, queries).map((query) => [query.Id, watchedBy(query, queries)])),
  };
}

/** The queries to which an expression refers. */
export function usedBy(expression: string, queries: readonly MetricDataQuery[]): MetricDataQuery[] {
  const words = new Set<string>(expression.match(/\w+/g));
  return queries.filter(({ Id }) => words.has(Id));
}

export const seriesOf = ({ Namespace, MetricName, Dimensions = [] }: z.infer<typeof metric>): Series => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
});

/**
 * The value in the minutes from `from` up to, not including, `to`; undefined where there is none.
 * @throws Error on a statistic or an expression that this evaluator does not know
 */
export function valueIn(
  watched: Watched,
  history: MetricHistory,
  from: number,
  to: number,
): number | undefined {
  if ('series' in watched) {
    const aggregate = history.window(watched.series, from, to);
    return aggregate && statisticOf(aggregate, watched.statistic);
  }
  return evaluateMath(watched.expression, {
    periodSeconds: (to - from) * 60,
    value(name) {
      const variable = watched.of[name];
      if (!variable) throw new Error(`Unknown identifier ${name}`);
      return valueIn(variable, history, from, to);
    },
  });
}
