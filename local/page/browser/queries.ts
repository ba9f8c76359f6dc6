import type { Data, MetricWidget, Range, Rendering } from './types.ts';

interface Result {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: readonly number[];
  readonly Values: readonly number[];
}

const partsOf = (line: MetricWidget['properties']['metrics'][number]) => {
  const names = line.filter((part) => typeof part === 'string');
  const rendering: Rendering = line.find((part) => typeof part === 'object') ?? {};
  return { names, rendering };
};

/** The widget's metrics as GetMetricData takes them; lines without an id get one. */
function queriesOf({ properties }: MetricWidget) {
  return properties.metrics.map((line, index) => {
    const { names, rendering } = partsOf(line);
    const [namespace, name, ...dimensions] = names;
    const query = {
      Id: rendering.id ?? `line${index}`,
      Label: rendering.label ?? name,
      ReturnData: rendering.visible !== false,
    };
    if (rendering.expression !== undefined)
      return { ...query, Expression: rendering.expression, Period: rendering.period };
    const Dimensions = dimensions.flatMap((Name, at) =>
      at % 2 === 0 ? [{ Name, Value: dimensions[at + 1] ?? '' }] : [],
    );
    const Metric = { Namespace: namespace ?? '', MetricName: name ?? '', Dimensions };
    return {
      ...query,
      MetricStat: { Metric, Period: rendering.period ?? 300, Stat: rendering.stat ?? 'Average' },
    };
  });
}

/** Seconds. A sum of a period that is not over would look like a fall. */
function endOf(queries: ReturnType<typeof queriesOf>, end: number): number {
  const periods = queries.flatMap((query) =>
    'MetricStat' in query && query.MetricStat.Stat === 'Sum' ? [query.MetricStat.Period] : [],
  );
  return periods.reduce((last, period) => Math.min(last, end - (end % period)), end);
}

/** What GetMetricData refuses. */
export class Refusal extends Error {}

/** @param range epoch seconds @throws Refusal */
export async function dataOf(widget: MetricWidget, range: Range): Promise<Data[]> {
  const queries = queriesOf(widget);
  const response = await fetch('/api/GetMetricData', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      MetricDataQueries: queries,
      StartTime: range.start,
      EndTime: endOf(queries, range.end),
      ScanBy: 'TimestampAscending',
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refusal(answer.message);
  const results: readonly Result[] = answer.MetricDataResults;
  return results.map(({ Id, Label, Timestamps, Values }) => {
    const line = widget.properties.metrics[queries.findIndex((query) => query.Id === Id)] ?? [];
    const { rendering } = partsOf(line);
    return {
      label: Label,
      color: rendering.color,
      side: rendering.yAxis ?? 'left',
      points: new Map(Timestamps.map((time, index) => [time, Values[index] ?? Number.NaN])),
    };
  });
}
