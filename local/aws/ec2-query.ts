import type { Ec2Action, Ec2Resource } from './ec2-action.ts';
import { AwsRefusal } from './endpoint.ts';

interface Page {
  readonly resources: readonly Ec2Resource[];
  readonly nextToken: string | undefined;
}

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html */
const MAX_FILTER_VALUES = 200;
const MIN_RESULTS = 5;
const MAX_RESULTS = 1000;

/**
 * Selects and pages as the Describe calls do: a page is cut before it is filtered, so that it may be empty and have a
 * next one.
 * @throws AwsRefusal
 */
export function readDescribe(action: Ec2Action, parameters: URLSearchParams, pageSize: number): Page {
  const { filters, maxResults, start } = readParameters(parameters, action.selectedBy);
  const all = action.resources();
  const names = new Set(all.flatMap((resource) => Object.keys(resource.filters)));
  for (const { name } of filters) {
    if (!name.startsWith('tag:') && name !== 'tag-key' && all.length > 0 && !names.has(name)) {
      throw new AwsRefusal('InvalidParameterValue', `The filter '${name}' is invalid`);
    }
  }
  const end = start + Math.min(maxResults, pageSize);
  return {
    resources: all
      .slice(start, end)
      .filter((resource) => filters.every((filter) => matches(resource, filter))),
    nextToken: end < all.length ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}

function readParameters(parameters: URLSearchParams, selectedBy: Ec2Action['selectedBy'] = {}) {
  const filters = new Map<string, { name: string; values: string[] }>();
  let maxResults = Number.POSITIVE_INFINITY;
  let start = 0;
  for (const [name, value] of parameters) {
    const [, index, field] = /^Filter\.(\d+)\.(Name|Value\.\d+)$/.exec(name) ?? [];
    if (name === 'Action' || name === 'Version') continue;
    if (index !== undefined) {
      const filter = filters.get(index) ?? { name: '', values: [] };
      if (field === 'Name') filter.name = value;
      else filter.values.push(value);
      filters.set(index, filter);
    } else if (name === 'MaxResults') maxResults = resultsOf(value);
    else if (selectedBy[name] !== undefined) filters.set(name, { name: selectedBy[name], values: [value] });
    else if (name === 'NextToken') start = positionOf(value);
    else throw new AwsRefusal('UnknownParameter', `The parameter ${name} is not recognized`);
  }
  for (const { name, values } of filters.values()) {
    if (name === '' || values.length === 0) {
      throw new AwsRefusal(
        'InvalidParameterValue',
        `The filter '${name}' has no ${name ? 'values' : 'name'}`,
      );
    }
    if (values.length > MAX_FILTER_VALUES) {
      throw new AwsRefusal(
        'FilterLimitExceeded',
        `The filter '${name}' has more than ${MAX_FILTER_VALUES} values`,
      );
    }
  }
  return { filters: [...filters.values()], maxResults, start };
}

function resultsOf(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= MIN_RESULTS && value <= MAX_RESULTS) return value;
  throw new AwsRefusal(
    'InvalidParameterValue',
    `Value ( ${text} ) for parameter maxResults is invalid. Expecting a value between ${MIN_RESULTS} and ${MAX_RESULTS}.`,
  );
}

function positionOf(token: string): number {
  const position = Buffer.from(token, 'base64').toString();
  if (!/^\d+$/.test(position)) throw new AwsRefusal('InvalidNextToken', 'The token is invalid.');
  return Number(position);
}

function matches({ filters, tags }: Ec2Resource, { name, values }: Filter): boolean {
  const own =
    name === 'tag-key' ? Object.keys(tags) : name.startsWith('tag:') ? tags[name.slice(4)] : filters[name];
  const found = own === undefined ? [] : [own].flat();
  return values.some((value) => found.some((candidate) => pattern(value).test(candidate)));
}

/** `*` stands for any characters and `?` for one; a backslash makes them plain characters. */
function pattern(value: string): RegExp {
  const source = value.replace(/\\.|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    return (part.length === 2 ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
