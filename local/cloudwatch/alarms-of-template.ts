import type { Template } from 'aws-cdk-lib/assertions';
import type { MetricAlarm } from './alarm-evaluator.ts';
import type { AlarmSet, CompositeAlarm } from './alarm-set.ts';
import { type MetricDataQuery, seriesOf, type Watched, watchedBy } from './watched.ts';

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
  readonly Dimensions?: { readonly Name: string; readonly Value: string }[];
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Metrics?: readonly MetricDataQuery[];
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
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

/** AWS::CloudWatch::CompositeAlarm as it is synthesized; only what this project's alarms have. */
interface CompositeProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmRule: { readonly 'Fn::Join': readonly [string, readonly (string | Reference)[]] };
  readonly ActionsSuppressor?: Reference;
  readonly ActionsSuppressorWaitPeriod?: number;
  readonly ActionsSuppressorExtensionPeriod?: number;
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
}

/** To an alarm of the template. */
interface Reference {
  readonly 'Fn::GetAtt': readonly [string, 'Arn'];
}

/** Every composite alarm of a template, by logical id. */
export function compositePropertiesOf(template: Template): ReadonlyMap<string, CompositeProperties> {
  const resources = Object.entries(template.findResources('AWS::CloudWatch::CompositeAlarm'));
  return new Map(resources.map(([id, { Properties }]) => [id, Properties]));
}

/** Every alarm, of both kinds, by logical id. */
const allPropertiesOf = (template: Template) => [
  ...alarmPropertiesOf(template),
  ...compositePropertiesOf(template),
];

/** Names of all alarms, by logical id. */
export const alarmNamesOf = (template: Template): ReadonlyMap<string, string> =>
  new Map(allPropertiesOf(template).map(([id, { AlarmName }]) => [id, AlarmName]));

/** The descriptions of all alarms. */
export const describedAlarmsOf = (template: Template) =>
  allPropertiesOf(template).map(([, { AlarmName: name, AlarmDescription: description }]) => ({
    name,
    description,
  }));

/** The template's composite alarms as the evaluator takes them; `id` is the alarm's name. */
export function compositesOf(template: Template): CompositeAlarm[] {
  const names = alarmNamesOf(template);
  const nameOf = ({ 'Fn::GetAtt': [id] }: Reference): string => {
    const name = names.get(id);
    if (name === undefined) throw new Error(`The template has no alarm ${id}`);
    return name;
  };
  return [...compositePropertiesOf(template).values()].map((properties) => {
    const { AlarmName, AlarmRule, ActionsSuppressor } = properties;
    const rule = AlarmRule['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : nameOf(part)));
    return {
      id: AlarmName,
      rule: rule.join(''),
      ...(ActionsSuppressor && {
        suppressor: {
          alarm: nameOf(ActionsSuppressor),
          waitMinutes: (properties.ActionsSuppressorWaitPeriod ?? Number.NaN) / 60,
          extensionMinutes: (properties.ActionsSuppressorExtensionPeriod ?? Number.NaN) / 60,
        },
      }),
    };
  });
}

export const alarmSetOf = (template: Template): AlarmSet => ({
  metricAlarms: alarmsOf(template),
  compositeAlarms: compositesOf(template),
});

function watchedOf({ Namespace, MetricName, Dimensions, Statistic, Metrics }: AlarmProperties): Watched {
  if (!Metrics) {
    if (!Namespace || !MetricName || !Statistic) throw new Error('An alarm needs a metric and a statistic');
    return { series: seriesOf({ Namespace, MetricName, Dimensions }), statistic: Statistic };
  }
  const result = Metrics.find(({ Expression, ReturnData }) => Expression && ReturnData !== false);
  if (!result) throw new Error('An alarm on metric math needs an expression');
  return watchedBy(result, Metrics);
}

/** Seconds; all metrics of one alarm must have the same period. */
function periodOf({ Period, Metrics = [] }: AlarmProperties): number {
  const periods = new Set([Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period)].filter((p) => p));
  const [period] = periods;
  if (periods.size !== 1 || !period)
    throw new Error(`An alarm needs one period, not ${[...periods].join(', ')}`);
  return period;
}
