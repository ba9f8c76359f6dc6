import { z } from 'zod';

/**
 * CloudWatch's grammar of a dashboard body, the part this project uses. CloudFormation and CDK check nothing of
 * it; what CloudWatch does not know it refuses or, worse, ignores. Unknown keys are faults.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 * Limits: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const STATISTIC = /^(SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d{1,10})?|p100)$/;
const statistic = z.string().regex(STATISTIC);
/** Seconds. */
const period = z.int().min(60).multipleOf(60);
const color = z.string().regex(/^#[0-9a-f]{6}$/i);
const side = z.enum(['left', 'right']);
const title = z.string().min(1);
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
const SEARCH = /^SEARCH\('\{"[^"]+"(,"[^"]+")+\} MetricName="\w+"( \w+="[^"()\\]+")*', '\w+', \d+\)$/;
const expression = z
  .string()
  .max(1024)
  .refine(
    (text) => !text.startsWith('SEARCH') || SEARCH.test(text),
    'not a search that is quoted throughout',
  );

const rendering = z.strictObject({
  color: color.optional(),
  expression: expression.optional(),
  label: z.string().optional(),
  period: period.optional(),
  stat: statistic.optional(),
  visible: z.boolean().optional(),
  yAxis: side.optional(),
  id: z
    .string()
    .regex(/^[a-z]\w*$/)
    .optional(),
  region: region.optional(),
});

/** [namespace, name, dimension, value, ..., rendering], 30 dimensions at most; or [rendering] with an expression. */
const metricLine = z
  .array(z.union([z.string().min(1), rendering]))
  .min(1)
  .max(63)
  .refine((parts) => {
    const [last] = parts.filter((part) => typeof part === 'object');
    const names = parts.filter((part) => typeof part === 'string').length;
    if (parts.slice(0, -1).some((part) => typeof part === 'object')) return false;
    return last?.expression === undefined ? names >= 2 && names % 2 === 0 : names === 0;
  }, 'neither a metric nor an expression');

const axis = z.strictObject({
  label: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  showUnits: z.boolean().optional(),
});

const horizontal = z.strictObject({
  value: z.number(),
  label: z.string().optional(),
  color: color.optional(),
  fill: z.enum(['above', 'below', 'none']).optional(),
  visible: z.boolean().optional(),
  yAxis: side.optional(),
});

/** Of the values the documentation knows, those whose further rules (a gauge's axis) are written down here. */
const metricProperties = z.strictObject({
  metrics: z.array(metricLine).min(1).max(500),
  region,
  title,
  view: z.enum(['timeSeries', 'singleValue', 'bar', 'pie', 'table']),
  annotations: z.strictObject({ horizontal: z.array(horizontal) }).optional(),
  legend: z.strictObject({ position: z.enum(['right', 'bottom', 'hidden']) }).optional(),
  liveData: z.boolean().optional(),
  period: period.optional(),
  sparkline: z.boolean().optional(),
  stacked: z.boolean().optional(),
  stat: statistic.optional(),
  yAxis: z.strictObject({ left: axis.optional(), right: axis.optional() }).optional(),
});

const textProperties = z.strictObject({
  markdown: z.string().min(1),
  background: z.enum(['solid', 'transparent']).optional(),
});

const logProperties = z.strictObject({
  query: z.string().regex(/^SOURCE '[\w./#-]{1,512}'( \| SOURCE '[\w./#-]{1,512}')* \| \S/),
  region,
  title,
  view: z.enum(['table', 'timeSeries', 'bar', 'pie']),
});

const alarmProperties = z.strictObject({
  alarms: z
    .array(z.string().regex(/^arn:aws[\w-]*:cloudwatch:[\w-]+:\d{12}:alarm:.+$/))
    .min(1)
    .max(100),
  title,
  sortBy: z.enum(['default', 'stateUpdatedTimestamp', 'timestamp']).optional(),
  states: z.array(z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA'])).optional(),
});

const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};
const widget = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('metric'), ...place, properties: metricProperties }),
    z.strictObject({ type: z.literal('text'), ...place, properties: textProperties }),
    z.strictObject({ type: z.literal('log'), ...place, properties: logProperties }),
    z.strictObject({ type: z.literal('alarm'), ...place, properties: alarmProperties }),
  ])
  .refine(({ x, width }) => x + width <= 24, 'wider than the grid');

const variable = z
  .strictObject({
    type: z.enum(['property', 'pattern']),
    property: z.string().min(1).optional(),
    pattern: z.string().min(1).optional(),
    inputType: z.enum(['input', 'select', 'radio']),
    id: z.string().regex(/^[\w-]{1,32}$/),
    label: z.string().max(30).optional(),
    defaultValue: z.union([z.string().max(255), z.number(), z.boolean()]).optional(),
    visible: z.boolean().optional(),
    search: z.string().max(2048).optional(),
    populateFrom: z.string().optional(),
    values: z
      .array(
        z.strictObject({
          value: z.union([z.string().max(255), z.number(), z.boolean()]),
          label: z.string().max(255).optional(),
        }),
      )
      .min(1)
      .max(500)
      .optional(),
  })
  .refine((it) => it[it.type] !== undefined, 'needs what its type names')
  .refine(
    (it) => it.inputType === 'input' || it.values || (it.search && it.populateFrom),
    'needs values or a search',
  );

/** Of one metrics array: ids are unique, and expressions use only ids that exist. */
function faultsOfIds(metrics: readonly z.infer<typeof metricLine>[]): string[] {
  const renderings = metrics.flatMap((line) => line.filter((part) => typeof part === 'object'));
  const ids = renderings.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const unknown = renderings.flatMap(({ expression: text = '' }) =>
    text.startsWith('SEARCH') ? [] : (text.match(/\b[a-z]\w*/g) ?? []).filter((id) => !ids.includes(id)),
  );
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two lines have the id ${id}`),
    ...unknown.map((id) => `an expression uses ${id}, which no line has`),
  ];
}

export const dashboardSchema = z.strictObject({
  start: z
    .string()
    .regex(/^-P(T\d+[MH]|\d+[DWM])$/)
    .optional(),
  periodOverride: z.enum(['auto', 'inherit']).optional(),
  variables: z.array(variable).max(25).optional(),
  widgets: z
    .array(widget)
    .max(500)
    .check(({ value, issues }) => {
      const fault = (message: string) => issues.push({ code: 'custom', message, input: value });
      const graphs = value.flatMap((it) => (it.type === 'metric' ? [it.properties.metrics] : []));
      for (const metrics of graphs) faultsOfIds(metrics).forEach(fault);
      if (graphs.flat().length > 2500) fault('more than 2,500 metrics on the dashboard');
      for (const [index, a] of value.entries()) {
        for (const b of value.slice(index + 1))
          if (overlap(a, b)) fault(`widgets at ${at(a)} and ${at(b)} overlap`);
      }
    }),
});

export type DashboardBody = z.infer<typeof dashboardSchema>;
type Widget = DashboardBody['widgets'][number];

const overlap = (a: Widget, b: Widget): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const at = ({ x, y }: Widget): string => `(${x}, ${y})`;
