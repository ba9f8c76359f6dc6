import type { AlarmState } from './alarm-evaluator.ts';
import { type AlarmSet, nextStates } from './alarm-set.ts';
import type { MetricHistory } from './metric-history.ts';

export interface StateChange {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly state: AlarmState;
}

/** The states of alarms over time, as they go on. */
export class AlarmStates {
  readonly alarms: AlarmSet;
  readonly #history: MetricHistory;
  readonly #changes = new Map<string, StateChange[]>();
  #states: ReadonlyMap<string, AlarmState> = new Map();

  constructor(alarms: AlarmSet, history: MetricHistory) {
    this.alarms = alarms;
    this.#history = history;
  }

  /** @param time epoch milliseconds; the minute that begins there is the last one looked at */
  evaluate(time: number): void {
    this.#states = nextStates(this.alarms, this.#history, Math.floor(time / 60_000) + 1, this.#states);
    for (const [alarm, state] of this.#states) {
      const changes = this.#changes.get(alarm) ?? [];
      if (changes.at(-1)?.state !== state) changes.push({ time, state });
      this.#changes.set(alarm, changes);
    }
  }

  /** By name of the alarm, oldest first; the last one is the state now. */
  changes(): ReadonlyMap<string, readonly StateChange[]> {
    return this.#changes;
  }
}
