import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEFAULT_NAMESPACE, type MetricName } from '../../lambda/contract.ts';
import { ClusterMetrics, RATIOS } from '../dashboard/cluster-metrics.ts';
import { IN_EVERY_CYCLE, needsPods } from '../without-pods.ts';
import { ALARM_IDS, ALARMS, type AlarmDefinition, type AlarmId } from './definitions.ts';
import { FIRST_STEPS } from './first-steps.ts';
import { type EvaluationChange, evaluationOf } from './timing.ts';
import type { Topics } from './topics.ts';

/** `false` removes an alarm, `true` adds one that is off by default, an object changes one. */
export type AlarmOverride = boolean | AlarmChange;

export interface AlarmChange extends EvaluationChange {
  /** In the unit of what the alarm watches. @default - that of the definition */
  readonly threshold?: number;
}

export type AlarmOverrides = Readonly<Partial<Record<AlarmId, AlarmOverride | undefined>>>;

export interface CniAlarmsProps {
  /** Value of the dimension CLUSTER_ID; also in the alarms' names. */
  readonly clusterId: string;
  /** @default DEFAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  readonly function: IFunction;
  readonly timeoutSeconds: number;
  /** Minutes between two cycles; alarm periods are multiples of it. */
  readonly intervalMinutes: number;
  /** Whether SUBNET_METRICS is on. */
  readonly subnetMetrics: boolean;
  /** Whether the cluster has aws-node pods (PODS). */
  readonly hasPods: boolean;
  /** Where ticks go that could not be delivered. @default - no alarm about them */
  readonly deadLetterQueue?: IQueue | undefined;
  /** Where docs/runbook.md can be read; the alarm's heading is added after `#`. @default - no link */
  readonly runbookUrl: string | undefined;
  /** Receive a message when an alarm fires and when it ends. @default - nobody is notified */
  readonly topics?: Topics | undefined;
  /** @default - the alarms as they are defined */
  readonly overrides?: AlarmOverrides | undefined;
}

const OPERATORS = {
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
  '<=': ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
} as const;

const MISSING_DATA = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
} as const;

/**
 * The alarms of one cluster, and a composite alarm that is on while any of them is. Topics receive messages of every alarm, but
 * not of the composite one: it stays on while a second problem begins, so its messages would hide that problem.
 */
export class CniAlarms extends Construct {
  readonly alarms: ReadonlyMap<AlarmId, Alarm>;
  /** On while any alarm is: one state for dashboards, deployments and other composite alarms. */
  readonly composite: CompositeAlarm;

  constructor(scope: Construct, id: string, props: CniAlarmsProps) {
    super(scope, id);
    const { overrides, subnetMetrics, hasPods, deadLetterQueue } = props;
    const has = { subnetMetrics, pods: hasPods, deadLetterQueue: deadLetterQueue !== undefined };
    this.alarms = new Map(alarmsIn({ overrides, has }).map((alarm) => [alarm, this.add(alarm, props)]));
    this.composite = new CompositeAlarm(this, 'Any', {
      compositeAlarmName: `cni-${props.clusterId}`,
      alarmDescription: `At least one alarm of ${props.clusterId} is on: look at the dashboard.${linkTo(props.runbookUrl)}`,
      alarmRule: AlarmRule.anyOf(
        ...[...this.alarms.values()].map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)),
      ),
    });
  }

  private add(id: AlarmId, props: CniAlarmsProps): Alarm {
    const definition: AlarmDefinition = ALARMS[id];
    const { threshold = definition.threshold, ...change } = changeOf(props.overrides?.[id]);
    const { periodMinutes, ...evaluation } = evaluationOf(definition.timing, props.intervalMinutes, change);
    const alarm = new Alarm(this, id, {
      alarmName: `cni-${props.clusterId}-${kebab(id)}`,
      alarmDescription: descriptionOf(ALARMS[id], props.runbookUrl),
      metric: metricOf(definition.signal, periodMinutes, props),
      comparisonOperator: OPERATORS[definition.comparison],
      threshold,
      ...evaluation,
      treatMissingData: MISSING_DATA[definition.missingData],
    });
    const topic = props.topics?.[definition.severity];
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

/**
 * What a message says: the alarm's description is all that the on-call may have. At most 1,024 characters:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const descriptionOf = (
  { severity, title, impact, look, runbook }: (typeof ALARMS)[AlarmId],
  runbookUrl: string | undefined,
): string =>
  `${severity.toUpperCase()}: ${title}. ${impact} Look at: ${look} First steps: ${FIRST_STEPS[runbook]}${linkTo(runbookUrl && `${runbookUrl}#${runbook}`)}`;

const linkTo = (url: string | undefined): string => (url ? ` Runbook: ${url}` : '');

/** What an alarm can watch and a deployment can lack. */
type Need = NonNullable<AlarmDefinition['needs']> | 'pods';

/** What decides which alarms exist. */
export interface AlarmSelection {
  readonly overrides?: AlarmOverrides | undefined;
  readonly has: Readonly<Record<Need, boolean>>;
}

/** The alarms that a deployment creates. */
export const alarmsIn = (selection: AlarmSelection): AlarmId[] =>
  ALARM_IDS.filter((id) => {
    const { off }: AlarmDefinition = ALARMS[id];
    const isOn = off === undefined || (off === 'with-pods' && !selection.has.pods);
    const override = selection.overrides?.[id];
    return lackOf(id, selection) === undefined && (override === undefined ? isOn : override !== false);
  });

/** What an alarm watches and the deployment does not have. */
export function lackOf(id: AlarmId, { has }: AlarmSelection): Need | undefined {
  const { needs, signal }: AlarmDefinition = ALARMS[id];
  if (needs && !has[needs]) return needs;
  return !has.pods && metricsOf(signal).some(needsPods) ? 'pods' : undefined;
}

/** Metrics of the cluster without which the alarm has nothing to watch. */
function metricsOf(signal: AlarmDefinition['signal']): readonly MetricName[] {
  if ('metric' in signal) return [signal.metric];
  if ('math' in signal) return Object.values(signal.of).map(({ metric }) => metric);
  return 'ratio' in signal ? Object.values(RATIOS[signal.ratio].of) : [];
}

export const changeOf = (override: AlarmOverride | undefined): AlarmChange =>
  typeof override === 'object' ? override : {};

function metricOf(signal: AlarmDefinition['signal'], minutes: number, props: CniAlarmsProps): IMetric {
  const cluster = new ClusterMetrics(props.namespace ?? DEFAULT_NAMESPACE, props.clusterId);
  const period = Duration.minutes(minutes);
  if ('metric' in signal) return cluster.metric(signal.metric, signal.statistic, minutes);
  if ('math' in signal) {
    const { math: expression, of } = signal;
    const variables = Object.entries(of).map(
      ([name, { metric, statistic }]) => [name, cluster.metric(metric, statistic, minutes)] as const,
    );
    return new MathExpression({ expression, usingMetrics: Object.fromEntries(variables), period });
  }
  if ('ratio' in signal) return cluster.ratio(signal.ratio, minutes, { label: signal.ratio });
  if ('publicationsOf' in signal) {
    // Without FILL CloudWatch would look back past the gap for real datapoints and fire two cycles later.
    const published = props.hasPods ? signal.publicationsOf : IN_EVERY_CYCLE;
    return cluster.math('FILL(published, 0)', { published }, 'SampleCount', minutes, {
      label: 'publications',
    });
  }
  if ('queue' in signal) {
    if (!props.deadLetterQueue) throw new Error('An alarm about a queue needs the queue.');
    return props.deadLetterQueue.metric(signal.queue, { statistic: 'Maximum', period });
  }
  if (signal.function === 'Duration') {
    return new MathExpression({
      expression: `100 * duration / ${props.timeoutSeconds * 1000}`,
      usingMetrics: { duration: props.function.metricDuration({ statistic: 'Maximum', period }) },
      period,
      label: 'percent of the timeout',
    });
  }
  return props.function.metric(signal.function, { statistic: 'Sum', period });
}

const kebab = (id: string): string => id.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
