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

/** Minutes of the history: the first, and the one after the last. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** By id of the alarm, its state at the end of each minute. */
export type States = ReadonlyMap<string, readonly AlarmState[]>;

/**
 * CloudWatch evaluates each alarm every minute, whatever its period. A new alarm is in INSUFFICIENT_DATA. That a composite
 * alarm follows the others within the minute is an assumption: no time is documented.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function statesOf(
  { metricAlarms, compositeAlarms }: AlarmSet,
  history: MetricHistory,
  minutes: Minutes,
): States {
  const states = new Map<string, readonly AlarmState[]>();
  for (const alarm of metricAlarms) {
    let state: AlarmState = 'INSUFFICIENT_DATA';
    const known: KnownPoints = new Map();
    states.set(
      alarm.id,
      eachMinute(minutes, (minute) => {
        state = stateAt(alarm, history, minute + 1, state, known);
        return state;
      }),
    );
  }
  for (const { id, rule } of compositeAlarms) {
    const stateIn = (index: number) => (alarm: string) => {
      const state = states.get(alarm)?.[index];
      if (!state) throw new Error(`The rule of ${id} names ${alarm}, which is not there`);
      return state;
    };
    states.set(
      id,
      eachMinute(minutes, (_, index) => (ruleHolds(rule, stateIn(index)) ? 'ALARM' : 'OK')),
    );
  }
  return states;
}

/** The minutes at whose ends an alarm tells its topic that it is on. */
export function messagesOf(states: States, id: string, minutes: Minutes, suppressor?: Suppressor): number[] {
  const own = states.get(id) ?? [];
  const suppressing = suppressor && states.get(suppressor.alarm);
  const messages: number[] = [];
  /** Minutes that a message has left to wait; undefined: there is nothing to tell. */
  let pending: number | undefined;
  for (const [index, state] of own.entries()) {
    if (state !== 'ALARM') pending = undefined;
    else if (own[index - 1] !== 'ALARM') pending = suppressor?.waitMinutes ?? 0;
    if (pending === undefined) continue;
    if (suppressing?.[index] === 'ALARM') {
      pending = suppressor?.extensionMinutes;
    } else if (pending === 0) {
      messages.push(minutes.from + index);
      pending = undefined;
    } else pending -= 1;
  }
  return messages;
}

const eachMinute = (
  { from, to }: Minutes,
  state: (minute: number, index: number) => AlarmState,
): readonly AlarmState[] => Array.from({ length: to - from }, (_, index) => state(from + index, index));
