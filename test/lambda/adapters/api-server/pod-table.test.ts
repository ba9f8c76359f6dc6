import { expect, test } from 'vitest';
import { parsePage } from '../../../../lambda/adapters/api-server/pod-table.ts';
import { table } from '../../../support/pod-rows.ts';

const names = (text: string) => parsePage(text).pods.map(({ name }) => name);

test('needs only the column Name: the selector checks the phase', () => {
  const text = '{"kind":"Table","columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["aws-node-a"]}]}';
  expect(parsePage(text)).toEqual({ pods: [{ name: 'aws-node-a', node: '' }], next: '' });
});

test('reads names and nodes in any order of the columns', () => {
  const page = {
    kind: 'Table',
    metadata: { resourceVersion: '7', continue: 'abc', remainingItemCount: 4 },
    columnDefinitions: ['Node', 'Ready', 'Status', 'Name'].map((name) => ({ name, type: 'string' })),
    rows: [
      { cells: ['ip-1', '2/2', 'Running', 'aws-node-a'], object: null },
      { cells: ['ip-2', '1/2', 'CrashLoopBackOff', 'aws-node-b'] },
      { cells: ['<none>', '2/2', 'Running', 'aws-node-c'] },
    ],
  };
  expect(parsePage(JSON.stringify(page))).toEqual({
    pods: [
      { name: 'aws-node-a', node: 'ip-1' },
      { name: 'aws-node-b', node: 'ip-2' },
      { name: 'aws-node-c', node: '' },
    ],
    next: 'abc',
  });
});

test.each([
  ['45s', 45],
  ['3m20s', 200],
  ['12m', 720],
  ['5h7m', 18_420],
  ['26h', 93_600],
  ['5d3h', 442_800],
  ['190d', 16_416_000],
  ['2y10d', 63_936_000],
  ['0s', 0],
  ['<unknown>', undefined],
  ['<invalid>', undefined],
  ['', undefined],
  ['5 days', undefined],
  ['9999999d', undefined],
])('the age %s is %s seconds', (age, ageSeconds) => {
  const [pod] = parsePage(table([{ name: 'a', age, ip: '<none>' }])).pods;
  expect(pod).toEqual({ name: 'a', node: 'node-of-a', ...(ageSeconds !== undefined && { ageSeconds }) });
});

test('reads the address', () => {
  const pods = parsePage(
    table([
      { name: 'a', ip: '10.1.2.3', age: '' },
      { name: 'b', ip: '', age: '' },
    ]),
  ).pods;
  expect(pods).toEqual([
    { name: 'a', node: 'node-of-a', address: '10.1.2.3' },
    { name: 'b', node: 'node-of-b' },
  ]);
});

test.each([
  'Running',
  'CrashLoopBackOff',
  'Error',
  'OOMKilled',
  'ImagePullBackOff',
  'NotReady',
  'Terminating',
  'Unknown',
])('a pod of status %s is found', (status) => {
  expect(names(table([{ name: 'a' }, { name: 'b', status }, { name: 'c' }]))).toEqual(['a', 'b', 'c']);
});

test('a pod that is being deleted is marked, in both forms of a list', () => {
  const rows = table([{ name: 'a' }, { name: 'b', status: 'Terminating' }, { name: 'c' }]);
  const items = [{}, { deletionTimestamp: '2026-11-22T12:00:00Z' }, {}].map((more, index) => ({
    metadata: { name: 'abc'.charAt(index), ...more },
  }));
  for (const text of [rows, JSON.stringify({ kind: 'PartialObjectMetadataList', items })])
    expect(parsePage(text).pods.map(({ isTerminating }) => isTerminating)).toEqual([
      undefined,
      true,
      undefined,
    ]);
});

test.each([
  'Pending',
  'SchedulingGated',
  'ContainerCreating',
  'PodInitializing',
  'Init:0/1',
  'Init:CrashLoopBackOff',
  'Succeeded',
  'Completed',
  'Failed',
  'Evicted',
])('a pod of status %s is left out if the server ignores the selector', (status) => {
  expect(names(table([{ name: 'a' }, { name: 'b', status }, { name: 'c' }]))).toEqual(['a', 'c']);
});

test('reads bare metadata if the server does not return tables', () => {
  const list = {
    kind: 'PartialObjectMetadataList',
    metadata: {},
    items: ['a', 'b', 'c'].map((name) => ({ metadata: { name, namespace: 'kube-system' } })),
  };
  expect(parsePage(JSON.stringify(list))).toEqual({
    pods: ['a', 'b', 'c'].map((name) => ({ name, node: '' })),
    next: '',
  });
});

test.each([
  { text: table([]).replace('"rows":[]', '"rows":null') },
  { text: '{"kind":"PartialObjectMetadataList","items":null}' },
])('accepts an empty list: $text', ({ text }) => {
  expect(parsePage(text)).toEqual({ pods: [], next: '' });
});

test.each([
  ['<html>', /Unexpected token/],
  ['', /Unexpected end/],
  ['[]', 'the answer is not a JSON object'],
  ['null', 'the answer is not a JSON object'],
  ['{}', 'the answer is of kind undefined, not Table'],
  ['{"kind":"PodList","items":[]}', 'the answer is of kind "PodList", not Table'],
  ['{"kind":"Table"}', 'the table has no columns'],
  ['{"kind":"Table","columnDefinitions":[{"name":"Status"}],"rows":[]}', 'the table has no column Name'],
  [table([{ name: 'a' }]).replace(/"rows":.*/, '"rows":{}}'), 'rows is not a list'],
  [table([{ name: 'a' }]).replace('"cells"', '"cell"'), 'cells is not a list'],
  [table([{ name: 'a' }, { name: '' }, { name: 'c' }]), 'a pod has no name'],
  ['{"kind":"PartialObjectMetadataList","items":[{"metadata":{}}]}', 'a pod has no name'],
  ['{"kind":"PartialObjectMetadataList","items":[null]}', 'a pod has no name'],
])('refuses %s', (text, message) => {
  expect(() => parsePage(text)).toThrow(message);
});
