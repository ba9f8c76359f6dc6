import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../lambda/deadline.ts';

/** A clock that moves only in `run`: a simulated day takes seconds, and every run is the same. */
export interface VirtualClock extends Clock {
  /** Runs an action at a later time. @param time epoch milliseconds */
  at(time: number, action: () => void): void;
  /**
   * Moves the clock from one planned action to the next, until `work` settles or nothing is planned.
   * @returns what `work` resolves to
   * @throws what `work` rejects with; Error when nothing is planned and `work` has not settled
   */
  run<T = void>(work?: Promise<T>): Promise<T | undefined>;
}

/** @param start epoch milliseconds */
export function createVirtualClock(start = 0): VirtualClock {
  /** Latest first; of the same time, the last planned first. */
  const plans: { readonly time: number; readonly action: () => void }[] = [];
  let now = start;

  const at = (time: number, action: () => void) => {
    const index = plans.findLastIndex((plan) => plan.time > time);
    plans.splice(index + 1, 0, { time: Math.max(time, now), action });
  };
  return {
    now: () => now,
    elapsed: () => now,
    wait: (ms) => new Promise((resolve) => at(now + ms, resolve)),
    at,
    async run(work) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      work?.then(settle, settle);
      while (true) {
        // Lets everything finish that does not wait for the clock.
        await setImmediate();
        if (isSettled) return work;
        const plan = plans.pop();
        if (plan) {
          now = plan.time;
          plan.action();
        } else if (work) throw new Error(`stuck at ${now} ms: no action is planned`);
        else return undefined;
      }
    },
  };
}
