import { z } from 'zod';
import type { MetricAlarm } from '../cloudwatch/alarm-evaluator.ts';
import type { AlarmStates, StateChange } from '../cloudwatch/alarm-states.ts';
import { parsed } from './parsed.ts';

const alarmsRequest = z.strictObject({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().optional(),
  AlarmTypes: z.array(z.enum(['MetricAlarm', 'CompositeAlarm'])).optional(),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
});
const historyRequest = z.strictObject({
  AlarmName: z.string().optional(),
  HistoryItemType: z.literal('StateUpdate').optional(),
  /** Epoch seconds. */
  StartDate: z.number().optional(),
  EndDate: z.number().optional(),
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).optional(),
});

/**
 * DescribeAlarms, in one page: rules and states, without the metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 * @throws AwsRefusal
 */
export function describeAlarms(states: AlarmStates, input: unknown) {
  const {
    AlarmNames,
    AlarmNamePrefix = '',
    StateValue,
    // "If you omit this parameter, only metric alarms are returned".
    AlarmTypes = ['MetricAlarm'],
  } = parsed(alarmsRequest, input);
  const { metricAlarms, compositeAlarms } = states.alarms;
  const isAsked = ({ AlarmName, ...alarm }: { readonly AlarmName: string; readonly StateValue: string }) =>
    AlarmName.startsWith(AlarmNamePrefix) &&
    (AlarmNames?.includes(AlarmName) ?? true) &&
    (StateValue ?? alarm.StateValue) === alarm.StateValue;
  const metric = metricAlarms.map((alarm) => ({ ...rulesOf(alarm), ...stateOf(states, alarm.id) }));
  const composite = compositeAlarms.map(({ id, rule }) => ({ AlarmRule: rule, ...stateOf(states, id) }));
  return {
    MetricAlarms: AlarmTypes.includes('MetricAlarm') ? metric.filter(isAsked) : [],
    CompositeAlarms: AlarmTypes.includes('CompositeAlarm') ? composite.filter(isAsked) : [],
  };
}

const rulesOf = (alarm: MetricAlarm) => ({
  ComparisonOperator: alarm.comparison,
  Threshold: alarm.threshold,
  Period: alarm.periodMinutes * 60,
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  TreatMissingData: alarm.treatMissingData,
});

/** A new alarm is in INSUFFICIENT_DATA. */
function stateOf(states: AlarmStates, AlarmName: string) {
  const latest = states.changes().get(AlarmName)?.at(-1);
  return {
    AlarmName,
    StateValue: latest?.state ?? 'INSUFFICIENT_DATA',
    ...(latest && { StateUpdatedTimestamp: latest.time / 1000 }),
  };
}

/**
 * DescribeAlarmHistory, in one page: changes of state alone.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 * @throws AwsRefusal
 */
export function describeAlarmHistory(states: AlarmStates, input: unknown) {
  const {
    AlarmName,
    StartDate = 0,
    EndDate = Number.POSITIVE_INFINITY,
    ScanBy,
  } = parsed(historyRequest, input);
  const items = [...states.changes()]
    .filter(([name]) => (AlarmName ?? name) === name)
    .flatMap(([name, changes]) => changes.map((change, index) => itemOf(name, change, changes[index - 1])))
    .filter(({ Timestamp }) => Timestamp >= StartDate && Timestamp <= EndDate)
    .sort((a, b) => a.Timestamp - b.Timestamp);
  // The newest first unless it is asked otherwise.
  return { AlarmHistoryItems: ScanBy === 'TimestampAscending' ? items : items.toReversed() };
}

function itemOf(AlarmName: string, { time, state }: StateChange, before: StateChange | undefined) {
  const old = before?.state ?? 'INSUFFICIENT_DATA';
  return {
    AlarmName,
    HistoryItemType: 'StateUpdate',
    Timestamp: time / 1000,
    HistorySummary: `Alarm updated from ${old} to ${state}`,
    HistoryData: JSON.stringify({
      version: '1.0',
      oldState: { stateValue: old },
      newState: { stateValue: state },
    }),
  };
}
