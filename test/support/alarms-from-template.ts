import type { Template } from 'aws-cdk-lib/assertions';
import type { MetricAlarm, Watched } from '../../local/cloudwatch/alarm-evaluator.ts';

/** AWS::CloudWatch::Alarm as it is synthesized; only what this project's alarms have. */
interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData: MetricAlarm['treatMissingData'];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Metrics?: readonly MetricQuery[];
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
}

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

/** Every metric alarm of a template, by logical id. */
export function alarmPropertiesOf(template: Template): ReadonlyMap<string, AlarmProperties> {
  const resources = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  return new Map(resources.map(([id, { Properties }]) => [id, Properties]));
}

/** The template's metric alarms as the evaluator takes them; `id` is the alarm's name. */
export function alarmsOf(template: Template): MetricAlarm[] {
  return [...alarmPropertiesOf(template).values()].map((properties) => ({
    id: properties.AlarmName,
    watched: watchedOf(properties),
    periodMinutes: periodOf(properties) / 60,
    comparison: properties.ComparisonOperator,
    threshold: properties.Threshold,
    evaluationPeriods: properties.EvaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
    treatMissingData: properties.TreatMissingData,
  }));
}

/** The alarms whose ALARM state puts the composite alarm of the template on. @throws Error on any other rule */
export function compositeOf(template: Template): {
  readonly name: string;
  readonly anyOf: readonly string[];
} {
  const alarms = alarmPropertiesOf(template);
  const [composite] = Object.values(template.findResources('AWS::CloudWatch::CompositeAlarm'));
  const rule: string = composite?.Properties.AlarmRule['Fn::Join'][1]
    .map((part: string | { 'Fn::GetAtt': [string, 'Arn'] }) =>
      typeof part === 'string' ? part : (alarms.get(part['Fn::GetAtt'][0])?.AlarmName ?? 'unknown'),
    )
    .join('');
  if (!/^\((ALARM\("[\w-]+"\)( OR |(?=\))))+\)$/.test(rule)) throw new Error(`Cannot read the rule ${rule}`);
  return {
    name: composite?.Properties.AlarmName,
    anyOf: [...rule.matchAll(/"([\w-]+)"/g)].map(([, name = '']) => name),
  };
}

function watchedOf({ Namespace, MetricName, Dimensions = [], Statistic, Metrics }: AlarmProperties): Watched {
  if (!Metrics) {
    if (!Namespace || !MetricName || !Statistic) throw new Error('An alarm needs a metric and a statistic');
    return { series: seriesOf(Namespace, MetricName, Dimensions), statistic: Statistic };
  }
  const result = Metrics.find(({ Expression, ReturnData }) => Expression && ReturnData !== false);
  if (!result?.Expression) throw new Error('An alarm on metric math needs an expression');
  return {
    expression: result.Expression,
    of: Object.fromEntries(
      Metrics.flatMap(({ Id, MetricStat }) => {
        if (!MetricStat) return [];
        const { Metric, Stat } = MetricStat;
        const series = seriesOf(Metric.Namespace, Metric.MetricName, Metric.Dimensions);
        return [[Id, { series, statistic: Stat }] as const];
      }),
    ),
  };
}

function seriesOf(namespace: string, name: string, dimensions: readonly { Name: string; Value: string }[]) {
  return {
    namespace,
    name,
    dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

/** Seconds; all metrics of one alarm must have the same period. */
function periodOf({ Period, Metrics = [] }: AlarmProperties): number {
  const periods = new Set([Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period)].filter((p) => p));
  const [period] = periods;
  if (periods.size !== 1 || !period)
    throw new Error(`An alarm needs one period, not ${[...periods].join(', ')}`);
  return period;
}
