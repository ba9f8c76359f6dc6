import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { MetricName } from '../../lambda/contract.ts';
import { RATIOS } from '../dashboard/cluster-metrics.ts';
import { needsPods } from '../without-pods.ts';
import { ALARM_IDS, ALARMS, type AlarmDefinition, type AlarmId } from './definitions.ts';
import { FIRST_STEPS } from './first-steps.ts';
import { type EvaluationChange, evaluationOf } from './timing.ts';
import type { Topics } from './topics.ts';
import { startedMetric, type WatchedDeployment, watchedMetric } from './watched-metric.ts';

/** `false` removes an alarm, `true` adds one that is off by default, an object changes one. */
export type AlarmOverride = boolean | AlarmChange;

export interface AlarmChange extends EvaluationChange {
  /** In the unit of what the alarm watches. @default - that of the definition */
  readonly threshold?: number;
}

export type AlarmOverrides = Readonly<Partial<Record<AlarmId, AlarmOverride | undefined>>>;

export interface CniAlarmsProps extends WatchedDeployment {
  /** Whether SUBNET_METRICS is on. */
  readonly subnetMetrics: boolean;
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
  readonly alarms: ReadonlyMap<AlarmId, AlarmBase>;
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

  private add(id: AlarmId, props: CniAlarmsProps): AlarmBase {
    const { severity, onceStarted }: AlarmDefinition = ALARMS[id];
    const alarmName = `cni-${props.clusterId}-${kebab(id)}`;
    const alarmDescription = descriptionOf(ALARMS[id], props.runbookUrl);
    const alarm = onceStarted
      ? this.onceStarted(id, onceStarted, { alarmName, alarmDescription }, props)
      : this.metricAlarm(id, { alarmName, alarmDescription }, props);
    const topic = props.topics?.[severity];
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }

  private metricAlarm(id: AlarmId, naming: Naming, props: CniAlarmsProps): Alarm {
    const definition: AlarmDefinition = ALARMS[id];
    const { threshold = definition.threshold, ...change } = changeOf(props.overrides?.[id]);
    const { periodMinutes, ...evaluation } = evaluationOf(definition.timing, props.intervalMinutes, change);
    return new Alarm(this, id, {
      ...naming,
      metric: watchedMetric(definition.signal, periodMinutes, props),
      comparisonOperator: OPERATORS[definition.comparison],
      threshold,
      ...evaluation,
      treatMissingData: MISSING_DATA[definition.missingData],
    });
  }

  /** A composite alarm that is on while the condition holds, but only after the collector has started. */
  private onceStarted(
    id: AlarmId,
    published: MetricName,
    { alarmName, alarmDescription }: Naming,
    props: CniAlarmsProps,
  ): CompositeAlarm {
    const part = (what: string) => ({
      alarmName: `${alarmName}-${what}`,
      alarmDescription: `Part of ${alarmName}, which sends the messages.`,
    });
    const condition = this.metricAlarm(id, part('condition'), props);
    const started = new Alarm(this, `${id}Started`, {
      ...part('started'),
      metric: startedMetric(props, published),
      // Never breached: in INSUFFICIENT_DATA up to the first datapoint, and in OK for good from then on.
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    });
    return new CompositeAlarm(this, `${id}Composite`, {
      compositeAlarmName: alarmName,
      alarmDescription,
      alarmRule: AlarmRule.allOf(
        AlarmRule.fromAlarm(condition, AlarmState.ALARM),
        AlarmRule.fromAlarm(started, AlarmState.OK),
      ),
    });
  }
}

interface Naming {
  readonly alarmName: string;
  readonly alarmDescription: string;
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

const kebab = (id: string): string => id.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
