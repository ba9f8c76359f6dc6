import { type AlarmState, stateAt } from './alarm-evaluator.ts';
import type { AlarmSet } from './alarm-messages.ts';
import { ruleHolds } from './alarm-rule.ts';
import type { MetricHistory } from './metric-history.ts';

export interface StateChange {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly state: AlarmState;
}

/** The states of alarms over time, as they go on. CloudWatch evaluates every minute, whatever the period. */
export class AlarmStates {
  readonly alarms: AlarmSet;
  readonly #history: MetricHistory;
  readonly #changes = new Map<string, StateChange[]>();

  constructor(alarms: AlarmSet, history: MetricHistory) {
    this.alarms = alarms;
    this.#history = history;
  }

  /** @param time epoch milliseconds; the minute that begins there is the last one looked at */
  evaluate(time: number): void {
    const end = Math.floor(time / 60_000) + 1;
    const { metricAlarms, compositeAlarms } = this.alarms;
    for (const alarm of metricAlarms)
      this.#note(alarm.id, time, stateAt(alarm, this.#history, end, this.#stateOf(alarm.id)));
    for (const { id, rule } of compositeAlarms)
      this.#note(id, time, ruleHolds(rule, (alarm) => this.#stateOf(alarm)) ? 'ALARM' : 'OK');
  }

  /** By name of the alarm, oldest first; the last one is the state now. */
  changes(): ReadonlyMap<string, readonly StateChange[]> {
    return this.#changes;
  }

  /** A new alarm is in INSUFFICIENT_DATA. */
  #stateOf(alarm: string): AlarmState {
    return this.#changes.get(alarm)?.at(-1)?.state ?? 'INSUFFICIENT_DATA';
  }

  #note(alarm: string, time: number, state: AlarmState): void {
    const changes = this.#changes.get(alarm) ?? [];
    if (changes.at(-1)?.state !== state) changes.push({ time, state });
    this.#changes.set(alarm, changes);
  }
}
