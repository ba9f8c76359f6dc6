import { type Aggregate, aggregateOfValues } from '../cloudwatch/metric-history.ts';
import { AwsRefusal } from './endpoint.ts';

/**
 * One metric of a PutMetricData request, as CloudWatch takes it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
 */
export interface Datum {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly value?: number;
  readonly values?: readonly number[];
  /** Ones where the request has none. */
  readonly counts?: readonly number[];
  readonly statistics?: Readonly<Record<'SampleCount' | 'Sum' | 'Minimum' | 'Maximum', number>>;
}

/** What CloudWatch keeps of it. */
export function aggregateOfDatum({ value, values = [], counts, statistics }: Datum): Aggregate {
  if (statistics) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = statistics;
    return { count, sum, minimum, maximum };
  }
  if (value !== undefined) return { count: 1, sum: value, minimum: value, maximum: value };
  return aggregateOfValues(values, counts);
}

type Fields = Readonly<Record<string, unknown>>;

const MAX_DATUMS = 1000;
const MAX_VALUES = 150;
const MAX_DIMENSIONS = 30;
const MAX_MAGNITUDE = 2 ** 360;
const TWO_WEEKS_MS = 14 * 86_400_000;
const TWO_HOURS_MS = 2 * 3_600_000;

const UNITS =
  'Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count'.split(
    ' ',
  );
const RATES = UNITS.filter((unit) => /Byte|bit|Bits|^Count$/.test(unit)).map((unit) => `${unit}/Second`);
const ALL_UNITS = [...UNITS, ...RATES, 'None'];

const missing = (path: string) => new AwsRefusal('MissingParameter', `The parameter ${path} is required.`);
const refusal = (message: string) => new AwsRefusal('InvalidParameterValue', message);
const invalid = (path: string, value: unknown) =>
  refusal(`The value ${value} for parameter ${path} is invalid.`);
const combination = (message: string) => new AwsRefusal('InvalidParameterCombination', message);
const unreadable = (message: string) => new AwsRefusal('SerializationException', message);

/** @param now epoch milliseconds @throws AwsRefusal on the first fault: nothing of the request is taken then */
export function parseMetricData(body: unknown, now: number): { namespace: string; datums: readonly Datum[] } {
  const request = fieldsOf(body, 'the request', ['Namespace', 'MetricData']);
  const namespace = text(request, 'Namespace', '', 255);
  if (/^(AWS\/|:)/.test(namespace)) throw invalid('Namespace', namespace);
  const data = list(request, 'MetricData', '', MAX_DATUMS);
  if (!data || data.length === 0) throw missing('MetricData');
  return {
    namespace,
    datums: data.map((datum, index) => parseDatum(datum, `MetricData.member.${index + 1}.`, now)),
  };
}

function parseDatum(input: unknown, path: string, now: number): Datum {
  const datum = fieldsOf(input, path, [
    'MetricName',
    'Dimensions',
    'Timestamp',
    'Value',
    'StatisticValues',
    'Values',
    'Counts',
    'Unit',
    'StorageResolution',
  ]);
  const name = text(datum, 'MetricName', path, 255);
  const unit = datum.Unit ?? 'None';
  if (typeof unit !== 'string' || !ALL_UNITS.includes(unit))
    throw refusal(`The parameter ${path}Unit must be a value in the set [ ${ALL_UNITS.join(', ')} ].`);
  if (datum.StorageResolution !== undefined && ![1, 60].includes(Number(datum.StorageResolution)))
    throw invalid(`${path}StorageResolution`, datum.StorageResolution);
  return {
    name,
    dimensions: parseDimensions(datum, path),
    unit,
    time: parseTime(datum.Timestamp, `${path}Timestamp`, now),
    ...parseNumbers(datum, path),
  };
}

function parseNumbers(
  datum: Fields,
  path: string,
): Pick<Datum, 'value' | 'values' | 'counts' | 'statistics'> {
  const given = ['Value', 'Values', 'StatisticValues'].filter((field) => datum[field] !== undefined);
  const [kind, another] = given.map((field) => `${path}${field}`);
  if (kind === undefined)
    throw combination(
      `At least one of the parameters ${path}Value, ${path}Values and ${path}StatisticValues must be specified.`,
    );
  if (another !== undefined)
    throw combination(
      `The parameters ${kind} and ${another} are mutually exclusive and you have specified both.`,
    );
  if (datum.Counts !== undefined && datum.Values === undefined)
    throw combination(`The parameter ${path}Counts can only be specified with ${path}Values.`);
  if (datum.Value !== undefined) return { value: number(datum.Value, `${path}Value`) };
  if (datum.StatisticValues !== undefined)
    return { statistics: parseStatistics(datum.StatisticValues, `${path}StatisticValues`) };
  const numbers = (field: string) =>
    list(datum, field, path, MAX_VALUES)?.map((value, index) =>
      number(value, `${path}${field}.member.${index + 1}`),
    );
  const values = numbers('Values') ?? [];
  const counts = numbers('Counts') ?? values.map(() => 1);
  if (values.length === 0) throw missing(`${path}Values`);
  if (counts.length !== values.length)
    throw refusal(`The parameters ${path}Values and ${path}Counts must be of the same size.`);
  const bad = counts.findIndex((count) => count <= 0);
  if (bad >= 0) throw invalid(`${path}Counts.member.${bad + 1}`, counts[bad]);
  return { values, counts };
}

function parseStatistics(input: unknown, path: string): NonNullable<Datum['statistics']> {
  const set = fieldsOf(input, path, ['SampleCount', 'Sum', 'Minimum', 'Maximum']);
  const field = (name: string) => {
    if (set[name] === undefined) throw missing(`${path}.${name}`);
    return number(set[name], `${path}.${name}`);
  };
  const statistics = {
    SampleCount: field('SampleCount'),
    Sum: field('Sum'),
    Minimum: field('Minimum'),
    Maximum: field('Maximum'),
  };
  if (statistics.SampleCount <= 0) throw invalid(`${path}.SampleCount`, statistics.SampleCount);
  if (statistics.Minimum > statistics.Maximum)
    throw combination(`The parameter ${path}.Maximum must be greater than or equal to ${path}.Minimum.`);
  return statistics;
}

function parseDimensions(datum: Fields, path: string): Record<string, string> {
  const dimensions: Record<string, string> = {};
  for (const [index, input] of (list(datum, 'Dimensions', path, MAX_DIMENSIONS) ?? []).entries()) {
    const at = `${path}Dimensions.member.${index + 1}.`;
    const fields = fieldsOf(input, at, ['Name', 'Value']);
    const name = text(fields, 'Name', at, 255);
    const value = text(fields, 'Value', at, 1024);
    if (name.startsWith(':')) throw invalid(`${at}Name`, name);
    if (name in dimensions) throw refusal(`No Dimension name can appear more than once: ${name}.`);
    dimensions[name] = value;
  }
  return dimensions;
}

/** @param time epoch seconds, as AWS JSON has it */
function parseTime(time: unknown, path: string, now: number): number {
  if (time === undefined) return now;
  if (typeof time !== 'number') throw unreadable(`${path} is no epoch seconds`);
  const ms = time * 1000;
  if (ms < now - TWO_WEEKS_MS)
    throw refusal(`The parameter ${path} must specify a time within the past two weeks.`);
  if (ms > now + TWO_HOURS_MS)
    throw refusal(`The parameter ${path} must specify a time no more than two hours in the future.`);
  return ms;
}

/** NaN and infinities come as strings in AWS JSON. */
function number(value: unknown, path: string): number {
  if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) throw invalid(path, value);
  if (typeof value !== 'number') throw unreadable(`${path}: ${JSON.stringify(value)} is no number`);
  if (Math.abs(value) > MAX_MAGNITUDE) throw invalid(path, value);
  return value;
}

function text(fields: Fields, name: string, path: string, most: number): string {
  const value = fields[name];
  if (value === undefined || value === '') throw missing(`${path}${name}`);
  if (typeof value !== 'string') throw unreadable(`${path}${name} is no string`);
  if (value.length > most || value.trim() === '' || /[^\x20-\x7e]/.test(value))
    throw invalid(`${path}${name}`, value);
  return value;
}

function list(fields: Fields, name: string, path: string, most: number): readonly unknown[] | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw unreadable(`${path}${name} is no list`);
  if (value.length > most)
    throw refusal(`The collection ${path}${name} must not have a size greater than ${most}.`);
  return value;
}

function fieldsOf(value: unknown, what: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable(`${what} is no structure`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unreadable(`${what} has no field ${unknown}`);
  return { ...value };
}
