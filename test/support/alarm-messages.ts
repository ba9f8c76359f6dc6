import type { Template } from 'aws-cdk-lib/assertions';
import type { AlarmState, KnownPoints } from '../../local/cloudwatch/alarm-evaluator.ts';
import { type AlarmSet, nextStates, type Suppressor } from '../../local/cloudwatch/alarm-set.ts';
import { alarmPropertiesOf, compositePropertiesOf } from '../../local/cloudwatch/alarms-of-template.ts';
import type { MetricHistory } from '../../local/cloudwatch/metric-history.ts';

/** Minutes of the history: the first, and the one after the last. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** By id of the alarm, its state at the end of each minute. */
export type States = ReadonlyMap<string, readonly AlarmState[]>;

/** The states of the alarms of a set at the end of each minute. */
export function statesOf(alarms: AlarmSet, history: MetricHistory, minutes: Minutes): States {
  const known = new Map<string, KnownPoints>();
  const states = new Map<string, AlarmState[]>();
  let before: ReadonlyMap<string, AlarmState> = new Map();
  for (let minute = minutes.from; minute < minutes.to; minute += 1) {
    before = nextStates(alarms, history, minute + 1, before, known);
    for (const [id, state] of before) {
      const all = states.get(id) ?? [];
      all.push(state);
      states.set(id, all);
    }
  }
  return states;
}

/** The minutes at whose ends an alarm sends the message that it is on. */
export function messagesOf(states: States, id: string, minutes: Minutes, suppressor?: Suppressor): number[] {
  const own = states.get(id) ?? [];
  const suppressing = suppressor && states.get(suppressor.alarm);
  const messages: number[] = [];
  /** Minutes that a message has left to wait; undefined: there is none. */
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

/** The alarms, of both kinds, that send messages. */
export const notifyingAlarmsOf = (template: Template): readonly string[] =>
  [...alarmPropertiesOf(template).values(), ...compositePropertiesOf(template).values()].flatMap(
    ({ AlarmName, AlarmActions = [] }) => (AlarmActions.length > 0 ? [AlarmName] : []),
  );
