import { type AlarmState, type KnownPoints, type MetricAlarm, stateAt } from './alarm-evaluator.ts';
import { ruleHolds } from './alarm-rule.ts';
import type { MetricHistory } from './metric-history.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html */
export interface CompositeAlarm {
  readonly id: string;
  /** Names the other alarms by id. */
  readonly rule: string;
  /** @default - messages are sent at once */
  readonly suppressor?: Suppressor;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html */
export interface Suppressor {
  /** While this alarm is in ALARM the composite one sends nothing. */
  readonly alarm: string;
  /** For so long the message of the composite alarm waits for the suppressor to go into ALARM. */
  readonly waitMinutes: number;
  /** For so long it waits after the suppressor has left ALARM. */
  readonly extensionMinutes: number;
}

export interface AlarmSet {
  readonly metricAlarms: readonly MetricAlarm[];
  /** One that another refers to comes first. */
  readonly compositeAlarms: readonly CompositeAlarm[];
}

/**
 * The states at the end of minute `now` - 1, by id. CloudWatch evaluates each alarm every minute, whatever its period. A
 * new alarm is in INSUFFICIENT_DATA.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * @param before those of the minute before
 * @param known what earlier calls have found of a history that only grows at its end, by id; this one adds to it
 * @throws Error on a rule that names an alarm which is not there
 */
export function nextStates(
  { metricAlarms, compositeAlarms }: AlarmSet,
  history: MetricHistory,
  now: number,
  before: ReadonlyMap<string, AlarmState>,
  known?: Map<string, KnownPoints>,
): ReadonlyMap<string, AlarmState> {
  const states = new Map<string, AlarmState>();
  for (const alarm of metricAlarms) {
    const points: KnownPoints = known?.get(alarm.id) ?? new Map();
    known?.set(alarm.id, points);
    states.set(alarm.id, stateAt(alarm, history, now, before.get(alarm.id) ?? 'INSUFFICIENT_DATA', points));
  }
  for (const { id, rule } of compositeAlarms) {
    const stateOf = (alarm: string) => {
      const state = states.get(alarm);
      if (!state) throw new Error(`The rule of ${id} names ${alarm}, which is not there`);
      return state;
    };
    states.set(id, ruleHolds(rule, stateOf) ? 'ALARM' : 'OK');
  }
  return states;
}
