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
import { DEFAULT_NAMESPACE } from '../../lambda/contract.ts';
import { ClusterMetrics } from '../dashboard/cluster-metrics.ts';
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
  missing: TreatMissingData.MISSING,
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
    const { overrides, subnetMetrics, deadLetterQueue } = props;
    const has = { subnetMetrics, deadLetterQueue: deadLetterQueue !== undefined };
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

/** What decides which alarms exist. */
export interface AlarmSelection {
  readonly overrides?: AlarmOverrides | undefined;
  readonly has: Readonly<Record<NonNullable<AlarmDefinition['needs']>, boolean>>;
}

/** The alarms that a deployment creates. */
export const alarmsIn = (selection: AlarmSelection): AlarmId[] =>
  ALARM_IDS.filter((id) => {
    const { off }: AlarmDefinition = ALARMS[id];
    const override = selection.overrides?.[id];
    return isPossible(id, selection) && (override === undefined ? !off : override !== false);
  });

/** Whether the deployment has what the alarm watches. */
export function isPossible(id: AlarmId, { has }: AlarmSelection): boolean {
  const { needs }: AlarmDefinition = ALARMS[id];
  return needs === undefined || has[needs];
}

export const changeOf = (override: AlarmOverride | undefined): AlarmChange =>
  typeof override === 'object' ? override : {};

function metricOf(signal: AlarmDefinition['signal'], minutes: number, props: CniAlarmsProps): IMetric {
  const cluster = new ClusterMetrics(props.namespace ?? DEFAULT_NAMESPACE, props.clusterId);
  const period = Duration.minutes(minutes);
  if ('metric' in signal) return cluster.metric(signal.metric, signal.statistic, minutes);
  if ('ratio' in signal) return cluster.ratio(signal.ratio, minutes, { label: signal.ratio });
  if ('publicationsOf' in signal) {
    // Without FILL CloudWatch would look back past the gap for real datapoints and fire two cycles later.
    return cluster.math('FILL(published, 0)', { published: signal.publicationsOf }, 'SampleCount', minutes, {
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
