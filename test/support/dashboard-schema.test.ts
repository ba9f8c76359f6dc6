import { expect, test } from 'vitest';
import { dashboardSchema } from './dashboard-schema.ts';

const graph = (changes: object = {}, properties: object = {}) => ({
  type: 'metric',
  x: 0,
  y: 0,
  width: 6,
  height: 6,
  properties: {
    view: 'timeSeries',
    title: 'A graph',
    region: 'eu-central-1',
    metrics: [['Kubernetes', 'eniAllocated', 'CLUSTER_ID', 'prod', { stat: 'Average', period: 60 }]],
    ...properties,
  },
  ...changes,
});
const variable = {
  type: 'property',
  property: 'CLUSTER_ID',
  inputType: 'select',
  id: 'cluster',
  search: '{"Kubernetes","CLUSTER_ID"} MetricName="awsNodePods"',
  populateFrom: 'CLUSTER_ID',
};
const query = "SOURCE '/aws/lambda/f' | fields @message";
const log = {
  type: 'log',
  x: 0,
  y: 0,
  width: 6,
  height: 6,
  properties: { query, title: 'A table', region: 'eu-central-1', view: 'table' },
};
const metrics = (...lines: unknown[]) => graph({}, { metrics: lines });

test.each([
  { what: 'nothing', body: { widgets: [] } },
  { what: 'a graph', body: { start: '-PT3H', periodOverride: 'inherit', widgets: [graph()] } },
  { what: 'widgets side by side', body: { widgets: [graph(), graph({ x: 6 }), graph({ y: 6 })] } },
  {
    what: 'an expression',
    body: {
      widgets: [metrics(['N', 'a', { id: 'm1', visible: false }], [{ expression: '100 * m1', label: '%' }])],
    },
  },
  { what: 'a log table and a variable', body: { widgets: [log], variables: [variable] } },
])('takes $what', ({ body }) => {
  expect(dashboardSchema.safeParse(body).error).toBeUndefined();
});

test.each([
  { fault: 'no widgets', body: {} },
  { fault: 'an unknown key', body: { widgets: [], period: 60 } },
  { fault: 'an unknown widget', body: { widgets: [graph({ type: 'graph' })] } },
  {
    fault: 'more than 500 widgets',
    body: { widgets: Array.from({ length: 501 }, (_, y) => graph({ y: y * 6 })) },
  },
  { fault: 'a widget beyond the grid', body: { widgets: [graph({ x: 20 })] } },
  { fault: 'widgets that overlap', body: { widgets: [graph(), graph({ x: 5, y: 5 })] } },
  { fault: 'a graph without a region', body: { widgets: [graph({}, { region: undefined })] } },
  { fault: 'a graph without a title', body: { widgets: [graph({}, { title: '' })] } },
  { fault: 'an unknown view', body: { widgets: [graph({}, { view: 'line' })] } },
  {
    fault: 'a period that is no multiple of a minute',
    body: { widgets: [metrics(['N', 'a', { period: 90 }])] },
  },
  { fault: 'an unknown statistic', body: { widgets: [metrics(['N', 'a', { stat: 'Mean' }])] } },
  { fault: 'a dimension without a value', body: { widgets: [metrics(['N', 'a', 'CLUSTER_ID'])] } },
  { fault: 'rendering before the end', body: { widgets: [metrics(['N', 'a', { stat: 'Sum' }, 'D', 'v'])] } },
  { fault: 'an expression beside a metric', body: { widgets: [metrics(['N', 'a', { expression: 'm1' }])] } },
  {
    fault: 'an expression of an unknown id',
    body: { widgets: [metrics(['N', 'a', { id: 'm1' }], [{ expression: 'm2 / m1' }])] },
  },
  { fault: 'an id twice', body: { widgets: [metrics(['N', 'a', { id: 'm1' }], ['N', 'b', { id: 'm1' }])] } },
  { fault: 'an id with a capital', body: { widgets: [metrics(['N', 'a', { id: 'M1' }])] } },
  {
    fault: 'a search that is not quoted',
    body: { widgets: [metrics([{ expression: "SEARCH('{N,D_D} a', 'Sum', 60)" }])] },
  },
  {
    fault: 'more than 500 metrics in a graph',
    body: { widgets: [metrics(...Array.from({ length: 501 }, () => ['N', 'a']))] },
  },
  {
    fault: 'more than 2,500 metrics on all graphs',
    body: {
      widgets: Array.from({ length: 6 }, (_, i) => ({
        ...metrics(...Array.from({ length: 500 }, () => ['N', 'a'])),
        y: 6 * i,
      })),
    },
  },
  { fault: 'a color by name', body: { widgets: [metrics(['N', 'a', { color: 'red' }])] } },
  {
    fault: 'a query without its log group',
    body: { widgets: [{ ...log, properties: { ...log.properties, query: 'fields @message' } }] },
  },
  {
    fault: 'a variable without values or search',
    body: { widgets: [], variables: [{ ...variable, search: undefined }] },
  },
  {
    fault: 'a variable without what it changes',
    body: { widgets: [], variables: [{ ...variable, property: undefined }] },
  },
])('refuses $fault', ({ body }) => {
  expect(dashboardSchema.safeParse(body).success).toBe(false);
});
