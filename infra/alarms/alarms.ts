import { Duration } from 'aws-cdk-lib';
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
import { ALARMS, type AlarmDefinition, type AlarmId } from './definitions.ts';
import { FIRST_STEPS } from './first-steps.ts';
import { type AlarmOverrides, alarmsIn, changeOf } from './selection.ts';
import { evaluationOf } from './timing.ts';
import type { Topics } from './topics.ts';
import { startedMetric, type WatchedDeployment, watchedMetric } from './watched-metric.ts';

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
    const ids = alarmsIn({ overrides, has });
    const conditions = new Map(ids.map((alarm) => [alarm, this.condition(alarm, ids, props)]));
    this.alarms = new Map(
      [...conditions].map(([alarm, condition]) => [
        alarm,
        this.notifying(alarm, condition, conditions, props),
      ]),
    );
    this.composite = new CompositeAlarm(this, 'Any', {
      compositeAlarmName: `cni-${props.clusterId}`,
      alarmDescription: `At least one alarm of ${props.clusterId} is on: look at the dashboard.${linkTo(props.runbookUrl)}`,
      alarmRule: AlarmRule.anyOf(
        ...[...this.alarms.values()].map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)),
      ),
    });
  }

  /** The metric alarm; where a composite one sends the messages it is a part of that. */
  private condition(id: AlarmId, ids: readonly AlarmId[], props: CniAlarmsProps): Alarm {
    const definition: AlarmDefinition = ALARMS[id];
    const { signal, onceStarted, quietWhile } = definition;
    const { threshold = definition.threshold, ...change } = changeOf(props.overrides?.[id]);
    const { periodMinutes, ...evaluation } = evaluationOf(definition.timing, props.intervalMinutes, change);
    const leftTo = 'metric' in signal ? signal.leftTo : undefined;
    const leftOut =
      leftTo && ids.includes(leftTo)
        ? (changeOf(props.overrides?.[leftTo]).threshold ?? ALARMS[leftTo].threshold)
        : undefined;
    const isPart = onceStarted || (quietWhile && ids.includes(quietWhile));
    return new Alarm(this, id, {
      ...(isPart ? partOf(id, 'condition', props) : namingOf(id, props)),
      metric: watchedMetric(signal, periodMinutes, props, leftOut),
      comparisonOperator: OPERATORS[definition.comparison],
      threshold,
      ...evaluation,
      treatMissingData: MISSING_DATA[definition.missingData],
    });
  }

  /** The alarm that sends the messages of a condition. */
  private notifying(
    id: AlarmId,
    condition: Alarm,
    conditions: ReadonlyMap<AlarmId, Alarm>,
    props: CniAlarmsProps,
  ): AlarmBase {
    const { severity, onceStarted, quietWhile }: AlarmDefinition = ALARMS[id];
    const suppressor = quietWhile && conditions.get(quietWhile);
    const alarm =
      onceStarted || suppressor
        ? this.compositeOf(id, { condition, onceStarted, suppressor }, props)
        : condition;
    const topic = props.topics?.[severity];
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }

  private compositeOf(
    id: AlarmId,
    { condition, onceStarted, suppressor }: Parts,
    props: CniAlarmsProps,
  ): CompositeAlarm {
    const isOn = AlarmRule.fromAlarm(condition, AlarmState.ALARM);
    const { alarmName, alarmDescription } = namingOf(id, props);
    return new CompositeAlarm(this, `${id}Composite`, {
      compositeAlarmName: alarmName,
      alarmDescription,
      alarmRule: onceStarted
        ? AlarmRule.allOf(isOn, AlarmRule.fromAlarm(this.started(id, onceStarted, props), AlarmState.OK))
        : isOn,
      ...(suppressor && { actionsSuppressor: suppressor, ...SUPPRESSION }),
    });
  }

  /** In INSUFFICIENT_DATA up to the first datapoint, and in OK for good from then on. */
  private started(id: AlarmId, published: MetricName, props: CniAlarmsProps): Alarm {
    return new Alarm(this, `${id}Started`, {
      ...partOf(id, 'started', props),
      metric: startedMetric(props, published),
      // Never breached.
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    });
  }
}

/** What a composite alarm is made of. */
interface Parts {
  readonly condition: Alarm;
  readonly onceStarted: MetricName | undefined;
  readonly suppressor: Alarm | undefined;
}

/** How long a message waits for the suppressor to go into ALARM, and after it has left it. */
const SUPPRESSION = {
  actionsSuppressorWaitPeriod: Duration.minutes(1),
  actionsSuppressorExtensionPeriod: Duration.minutes(1),
};

const nameOf = (id: AlarmId, { clusterId }: CniAlarmsProps): string => `cni-${clusterId}-${kebab(id)}`;

const namingOf = (id: AlarmId, props: CniAlarmsProps) => ({
  alarmName: nameOf(id, props),
  alarmDescription: descriptionOf(ALARMS[id], props.runbookUrl),
});

const partOf = (id: AlarmId, part: string, props: CniAlarmsProps) => ({
  alarmName: `${nameOf(id, props)}-${part}`,
  alarmDescription: `Part of ${nameOf(id, props)}, which sends the messages.`,
});

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

const kebab = (id: string): string => id.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
