import { messageOf } from '../../lambda/domain/error-message.ts';
import type { MetricHistory, Series } from './metric-history.ts';
import { found, isPeriod, parseSearch } from './search.ts';
import { type MetricDataQuery, usedBy, valueIn, watchedBy } from './watched.ts';

interface MetricDataResult {
  readonly Id: string;
  readonly Label: string;
  /** Epoch seconds at which the periods begin, oldest first. */
  readonly Timestamps: readonly number[];
  readonly Values: readonly number[];
}

/** A request that CloudWatch refuses. */
export class QueryRefusal extends Error {
  override readonly name = 'QueryRefusal';
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_QUERIES = 500;
/** CloudWatch sends more in several pages. */
const MAX_DATAPOINTS = 100_800;
const ID = /^[a-z]\w*$/;

interface Range {
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
}

/**
 * The data of the queries that return any. A search returns one result for each metric that it finds.
 * @throws QueryRefusal on the first fault, and on what CloudWatch could evaluate but this cannot
 */
export function getMetricData(
  history: MetricHistory,
  queries: readonly MetricDataQuery[],
  range: Range,
): MetricDataResult[] {
  judge(queries, range);
  return queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .flatMap((query) => answer(query, queries, history, range));
}

function judge(queries: readonly MetricDataQuery[], { start, end }: Range): void {
  if (start >= end)
    throw new QueryRefusal('The parameter StartTime must be less than the parameter EndTime.');
  if (queries.length > MAX_QUERIES) {
    throw new QueryRefusal(
      `The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`,
    );
  }
  for (const [index, { Id, Expression, MetricStat, Period = 60 }] of queries.entries()) {
    const path = `MetricDataQueries.member.${index + 1}`;
    if (!ID.test(Id))
      throw new QueryRefusal(
        `The value ${Id} for parameter ${path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    if (queries.findIndex((other) => other.Id === Id) !== index)
      throw new QueryRefusal('The values for parameter id in MetricDataQueries are not unique.');
    if ((Expression === undefined) === (MetricStat === undefined))
      throw new QueryRefusal(`Exactly one of ${path}.Expression and ${path}.MetricStat must be specified.`);
    if (!isPeriod(MetricStat?.Period ?? Period))
      throw new QueryRefusal(
        `The period of ${path} must be a multiple of 60 (high resolution is not simulated).`,
      );
  }
}

function answer(
  query: MetricDataQuery,
  queries: readonly MetricDataQuery[],
  history: MetricHistory,
  range: Range,
): MetricDataResult[] {
  const { Id, Label = Id, Expression = '' } = query;
  const search = evaluated(Id, () => parseSearch(Expression));
  if (search) {
    return found(history, search).map((series) => ({
      Id,
      Label: dynamicLabel(Label, series),
      ...points(search.periodSeconds, range, (from, to) =>
        valueIn({ series, statistic: search.statistic }, history, from, to),
      ),
    }));
  }
  const period = periodOf(query, queries);
  const data = evaluated(Id, () => {
    const watched = watchedBy(query, queries);
    return points(period, range, (from, to) => valueIn(watched, history, from, to));
  });
  return [{ Id, Label, ...data }];
}

/** "StartTime is inclusive, EndTime exclusive", and both are rounded down to the period. */
function points(
  periodSeconds: number,
  { start, end }: Range,
  at: (fromMinute: number, toMinute: number) => number | undefined,
) {
  if (end - start > MAX_DATAPOINTS * periodSeconds)
    throw new QueryRefusal(
      `More than ${MAX_DATAPOINTS} data points need a second page, which is not simulated.`,
    );
  const Timestamps: number[] = [];
  const Values: number[] = [];
  for (let time = start - (start % periodSeconds); time < end; time += periodSeconds) {
    const value = at(time / 60, (time + periodSeconds) / 60);
    if (value === undefined) continue;
    Timestamps.push(time);
    Values.push(value);
  }
  return { Timestamps, Values };
}

/** Seconds. An expression has the period of its metrics, which must be one. */
function periodOf(query: MetricDataQuery, queries: readonly MetricDataQuery[]): number {
  if (query.MetricStat) return query.MetricStat.Period;
  const [period = query.Period ?? 300, another] = new Set(
    usedBy(query.Expression ?? '', queries).flatMap(({ MetricStat }) => MetricStat?.Period ?? []),
  );
  if (another !== undefined)
    throw new QueryRefusal(`Error in expression '${query.Id}': its metrics have different periods.`);
  return period;
}

function evaluated<T>(id: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new QueryRefusal(`Error in expression '${id}': ${messageOf(error)}`);
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html */
const dynamicLabel = (label: string, { dimensions }: Series): string =>
  Object.entries(dimensions).reduce(
    (text, [name, value]) => text.replaceAll(`\${PROP('Dim.${name}')}`, value),
    label,
  );
