import { setImmediate } from 'node:timers/promises';

/** Time that passes only in `run`: a day takes seconds, and happens the same way each time. */
export interface Timeline {
  /** Epoch milliseconds. */
  now(): number;
  wait(ms: number): Promise<void>;
  /** Does something at a time to come. */
  at(time: number, action: () => void): void;
  /** Lets time pass until nothing is planned any more. */
  run(): Promise<void>;
}

export function createTimeline(start: number): Timeline {
  /** Latest first; of the same time, the last planned first. */
  const plans: { readonly time: number; readonly action: () => void }[] = [];
  let now = start;

  const at = (time: number, action: () => void) => {
    const index = plans.findLastIndex((plan) => plan.time > time);
    plans.splice(index + 1, 0, { time: Math.max(time, now), action });
  };
  return {
    now: () => now,
    wait: (ms) => new Promise((resolve) => at(now + ms, resolve)),
    at,
    async run() {
      for (let plan = plans.pop(); plan; plan = plans.pop()) {
        now = plan.time;
        plan.action();
        // Until all that can go on without time has gone on.
        await setImmediate();
      }
    },
  };
}
