import type { MetricHistory, Series } from './metric-history.ts';

/** A search for metrics, with the statistic and the period (seconds) of what it finds. */
interface Search {
  readonly namespace: string;
  readonly dimensions: readonly string[];
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** The form that the dashboard uses: a schema, one metric name and exact values of dimensions. */
const FORM = /^SEARCH\('\{("[^"]+"(?:,"[^"]+")*)\} MetricName="(\w+)"((?: \w+="[^"]+")*)', '(\w+)', (\d+)\)$/;

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 * @returns undefined: the text is no search. @throws Error on a search in another form
 */
export function parseSearch(expression: string): Search | undefined {
  if (!expression.startsWith('SEARCH')) return undefined;
  const [, schema = '', name = '', values = '', statistic = '', period = ''] = FORM.exec(expression) ?? [];
  const [namespace = '', ...dimensions] = schema.split(',').map((part) => part.slice(1, -1));
  if (namespace === '' || !isPeriod(Number(period)))
    throw new Error(`This search is not supported: ${expression}`);
  return {
    namespace,
    dimensions,
    name,
    values: Object.fromEntries(values.split('" ').flatMap(pairOf)),
    statistic,
    periodSeconds: Number(period),
  };
}

/** Whether data of minutes have periods of so many seconds. */
export const isPeriod = (seconds: number): boolean => seconds >= 60 && seconds % 60 === 0;

/** Of `NAME="value"`, with or without the blank before and the quote after it. */
function pairOf(text: string): readonly [string, string][] {
  const [name = '', value] = text.trim().split('="');
  return value === undefined ? [] : [[name, value.replace('"', '')]];
}

/** "The metric schema ... must match exactly": other dimensions, or more of them, are another schema. */
export const found = (history: MetricHistory, search: Search): Series[] =>
  history
    .series()
    .filter(
      ({ namespace, name, dimensions }) =>
        namespace === search.namespace &&
        name === search.name &&
        Object.keys(dimensions).sort().join() === search.dimensions.toSorted().join() &&
        Object.entries(search.values).every(([key, value]) => dimensions[key] === value),
    );
