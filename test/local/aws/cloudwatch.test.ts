import {
  CloudWatchClient,
  CloudWatchServiceException,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startCloudWatch } from '../../../local/aws/cloudwatch.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

const endpoint = await startCloudWatch(ACCOUNT, () => NOW);
const clientOf = (options: { region?: string; credentials?: typeof KEY } = {}) =>
  new CloudWatchClient({
    region: ACCOUNT.region,
    credentials: KEY,
    endpoint: endpoint.url,
    maxAttempts: 1,
    ...options,
  });
const client = clientOf();

afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.faults.always = undefined;
});

const put = (MetricData: MetricDatum[], Namespace = 'Kubernetes', using = client) =>
  using.send(new PutMetricDataCommand({ Namespace, MetricData }));

/** `code: message` of the refusal. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CloudWatchServiceException)) throw new Error(`not refused: ${error}`);
  return `${error.name}: ${error.message}`;
}

const TIME = new Date(NOW - 60_000);
const dimensions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Name: `d${index}`, Value: 'v' }));
const statistics = { SampleCount: 3, Sum: 30, Minimum: 5, Maximum: 15 };

test('accepts values, distributions and statistics and keeps them unchanged', async () => {
  await put([
    {
      MetricName: 'a',
      Unit: 'Count',
      Value: 0,
      Timestamp: TIME,
      Dimensions: [{ Name: 'CLUSTER_ID', Value: 'blue' }],
    },
    { MetricName: 'b', Unit: 'Percent', Values: [0.5, 99], Counts: [2, 1], Timestamp: TIME },
    { MetricName: 'c', Values: [1, 2], Timestamp: TIME },
    { MetricName: 'd', Unit: 'Milliseconds', StatisticValues: statistics },
  ]);
  expect(endpoint.puts.at(-1)).toMatchObject({
    namespace: 'Kubernetes',
    datums: [
      { name: 'a', unit: 'Count', value: 0, time: NOW - 60_000, dimensions: { CLUSTER_ID: 'blue' } },
      { name: 'b', unit: 'Percent', values: [0.5, 99], counts: [2, 1], time: NOW - 60_000, dimensions: {} },
      { name: 'c', unit: 'None', values: [1, 2], counts: [1, 1] },
      { name: 'd', unit: 'Milliseconds', statistics, time: NOW },
    ],
  });
});

test('accepts 1,000 metrics at once, in a body that the SDK compresses', async () => {
  await put(Array.from({ length: 1000 }, (_, index) => ({ MetricName: `metric-${index}`, Value: index })));
  expect(endpoint.puts.at(-1)?.datums).toHaveLength(1000);
  expect(endpoint.requests.at(-1)?.headers['content-encoding']).toBe('gzip');
});

const M1 = 'MetricData.member.1.';
const invalid = (field: string, value: string) =>
  `InvalidParameterValueException: The value ${value} for parameter ${M1}${field} is invalid.`;
const refused: [name: string, datum: MetricDatum, refusal: string | RegExp][] = [
  ['NaN', { MetricName: 'a', Value: Number.NaN }, invalid('Value', 'NaN')],
  ['infinity', { MetricName: 'a', Value: Number.NEGATIVE_INFINITY }, invalid('Value', '-Infinity')],
  ['NaN among values', { MetricName: 'a', Values: [1, Number.NaN] }, invalid('Values.member.2', 'NaN')],
  [
    'a value above 2^360',
    { MetricName: 'a', Value: 2 ** 361 },
    /^InvalidParameterValueException: The value .* for parameter/,
  ],
  [
    '151 values',
    { MetricName: 'a', Values: Array.from({ length: 151 }, (_, value) => value) },
    `InvalidParameterValueException: The collection ${M1}Values must not have a size greater than 150.`,
  ],
  [
    'fewer counts than values',
    { MetricName: 'a', Values: [1, 2], Counts: [1] },
    `InvalidParameterValueException: The parameters ${M1}Values and ${M1}Counts must be of the same size.`,
  ],
  ['a count of 0', { MetricName: 'a', Values: [1, 2], Counts: [1, 0] }, invalid('Counts.member.2', '0')],
  [
    'counts without values',
    { MetricName: 'a', Value: 1, Counts: [1] },
    `InvalidParameterCombinationException: The parameter ${M1}Counts can only be specified with ${M1}Values.`,
  ],
  [
    'no number at all',
    { MetricName: 'a' },
    `InvalidParameterCombinationException: At least one of the parameters ${M1}Value, ${M1}Values and ${M1}StatisticValues must be specified.`,
  ],
  [
    'no values in the list',
    { MetricName: 'a', Values: [] },
    `MissingRequiredParameterException: The parameter ${M1}Values is required.`,
  ],
  [
    'a value and statistics',
    { MetricName: 'a', Value: 1, StatisticValues: statistics },
    `InvalidParameterCombinationException: The parameters ${M1}Value and ${M1}StatisticValues are mutually exclusive and you have specified both.`,
  ],
  [
    'statistics without samples',
    { MetricName: 'a', StatisticValues: { ...statistics, SampleCount: 0 } },
    invalid('StatisticValues.SampleCount', '0'),
  ],
  [
    'a minimum above the maximum',
    { MetricName: 'a', StatisticValues: { ...statistics, Minimum: 16 } },
    `InvalidParameterCombinationException: The parameter ${M1}StatisticValues.Maximum must be greater than or equal to ${M1}StatisticValues.Minimum.`,
  ],
  [
    'statistics with NaN',
    { MetricName: 'a', StatisticValues: { ...statistics, Sum: Number.NaN } },
    invalid('StatisticValues.Sum', 'NaN'),
  ],
  [
    'an empty name',
    { MetricName: '', Value: 1 },
    `MissingRequiredParameterException: The parameter ${M1}MetricName is required.`,
  ],
  [
    'a name of 256 characters',
    { MetricName: 'a'.repeat(256), Value: 1 },
    invalid('MetricName', 'a'.repeat(256)),
  ],
  [
    '31 dimensions',
    { MetricName: 'a', Value: 1, Dimensions: dimensions(31) },
    `InvalidParameterValueException: The collection ${M1}Dimensions must not have a size greater than 30.`,
  ],
  [
    'an empty dimension value',
    { MetricName: 'a', Value: 1, Dimensions: [{ Name: 'd', Value: '' }] },
    `MissingRequiredParameterException: The parameter ${M1}Dimensions.member.1.Value is required.`,
  ],
  [
    'a dimension that starts with a colon',
    { MetricName: 'a', Value: 1, Dimensions: [{ Name: ':d', Value: 'v' }] },
    invalid('Dimensions.member.1.Name', ':d'),
  ],
  [
    'a dimension twice',
    { MetricName: 'a', Value: 1, Dimensions: [...dimensions(2), ...dimensions(1)] },
    'InvalidParameterValueException: No Dimension name can appear more than once: d0.',
  ],
  [
    'a resolution of 30 s',
    { MetricName: 'a', Value: 1, StorageResolution: 30 },
    invalid('StorageResolution', '30'),
  ],
  [
    'a time two weeks ago',
    { MetricName: 'a', Value: 1, Timestamp: new Date(NOW - 14 * 86_400_000 - 1) },
    `InvalidParameterValueException: The parameter ${M1}Timestamp must specify a time within the past two weeks.`,
  ],
  [
    'a time in two hours',
    { MetricName: 'a', Value: 1, Timestamp: new Date(NOW + 2 * 3_600_000 + 1000) },
    `InvalidParameterValueException: The parameter ${M1}Timestamp must specify a time no more than two hours in the future.`,
  ],
];

test.each(refused)('%s is refused, and with it the whole request', async (_, datum, refusal) => {
  const before = endpoint.puts.length;
  const answer = await refusalOf(put([datum, { MetricName: 'good', Value: 1 }]));
  if (typeof refusal === 'string') expect(answer).toBe(refusal);
  else expect(answer).toMatch(refusal);
  expect(endpoint.puts).toHaveLength(before);
});

const one: MetricDatum[] = [{ MetricName: 'a', Value: 1 }];
const large: MetricDatum = {
  MetricName: 'a',
  Value: 1,
  Dimensions: [{ Name: 'd', Value: 'v'.repeat(1024) }],
};

test.each([
  [
    '1,001 metrics',
    () => put(Array.from({ length: 1001 }, () => ({ MetricName: 'a', Value: 1 }))),
    'InvalidParameterValueException: The collection MetricData must not have a size greater than 1000.',
  ],
  ['no metric', () => put([]), 'MissingRequiredParameterException: The parameter MetricData is required.'],
  [
    'a namespace of AWS',
    () => put(one, 'AWS/EC2'),
    'InvalidParameterValueException: The value AWS/EC2 for parameter Namespace is invalid.',
  ],
  [
    'an empty namespace',
    () => put(one, ''),
    'MissingRequiredParameterException: The parameter Namespace is required.',
  ],
  [
    'more than 1 MB',
    () => put(Array.from({ length: 1000 }, () => large)),
    'RequestEntityTooLarge: Request size exceeds 1048576 bytes',
  ],
  [
    'another region',
    () => put(one, 'K', clientOf({ region: 'eu-west-1' })),
    "SignatureDoesNotMatch: Credential should be scoped to a valid region and service: 'eu-west-1/monitoring/aws4_request' is not 'eu-central-1/monitoring/aws4_request'",
  ],
  [
    'an unknown key',
    () => put(one, 'K', clientOf({ credentials: { ...KEY, accessKeyId: 'AKIAUNKNOWN' } })),
    'InvalidClientTokenId: The security token included in the request is invalid.',
  ],
  [
    'another session',
    () => put(one, 'K', clientOf({ credentials: { ...KEY, sessionToken: 'old' } })),
    'InvalidClientTokenId: The security token included in the request is invalid.',
  ],
])('%s is refused', async (_, work, refusal) => {
  expect(await refusalOf(work())).toBe(refusal);
});

test.each([
  [
    'an unknown field',
    '{"Namespace":"K","MetricData":[{"MetricName":"a","Valeu":1}]}',
    'SerializationException',
    'MetricData.member.1. has no field Valeu',
  ],
  [
    'a number as text',
    '{"Namespace":"K","MetricData":[{"MetricName":"a","Value":"1"}]}',
    'SerializationException',
    'MetricData.member.1.Value: "1" is no number',
  ],
  [
    'an unknown unit',
    '{"Namespace":"K","MetricData":[{"MetricName":"a","Value":1,"Unit":"count"}]}',
    'InvalidParameterValue',
    'The parameter MetricData.member.1.Unit must be a value in the set [ Seconds, ',
  ],
  ['no JSON', 'Action=PutMetricData', 'SerializationException', 'Unexpected token'],
])('%s, which the SDK would not send, is refused', async (_, body, code, message) => {
  const scope = `${KEY.accessKeyId}/20261122/eu-central-1/monitoring/aws4_request`;
  const answer = await fetch(endpoint.url, {
    method: 'POST',
    body,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'x-amz-date': '20261122T140000Z',
      'x-amz-security-token': KEY.sessionToken,
      'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
      'content-type': 'application/x-amz-json-1.0',
    },
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('x-amzn-query-error')).toBe(`${code};Sender`);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining(message) });
});

test('an unsigned request is refused', async () => {
  const answer = await fetch(endpoint.url, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('x-amzn-query-error')).toBe('MissingAuthenticationToken;Sender');
});

test('faults apply to the next requests, then to all others', async () => {
  const denied = { status: 403, code: 'AccessDenied', message: 'may not cloudwatch:PutMetricData' };
  endpoint.faults.next.push('lose-answer', undefined);
  endpoint.faults.always = denied;
  const before = endpoint.puts.length;
  await expect(put(one)).rejects.toThrow('socket hang up');
  await put(one);
  expect(endpoint.puts).toHaveLength(before + 2);
  expect(await refusalOf(put(one))).toBe(`AccessDenied: ${denied.message}`);
  expect(await refusalOf(put(one))).toBe(`AccessDenied: ${denied.message}`);
});
