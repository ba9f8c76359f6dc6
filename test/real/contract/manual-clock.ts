import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Wait } from '../../../local/api-server/answer.ts';

/** A time that passes only when it is told to. */
export interface ManualClock {
  /** Epoch milliseconds. */
  now(): number;
  readonly wait: Wait;
  /** Resolves when somebody waits. */
  untilAwaited(): Promise<void>;
  /** Lets milliseconds pass, and those that waited for them go on. */
  pass(ms: number): Promise<void>;
}

export function manualClock(start: number): ManualClock {
  let now = start;
  const waiting = new Map<() => void, number>();
  const awaited = new EventEmitter();
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waiting.set(resolve, now + ms);
        awaited.emit('wait');
        signal.addEventListener('abort', () => {
          waiting.delete(resolve);
          reject(signal.reason);
        });
      }),
    async untilAwaited() {
      if (waiting.size === 0) await once(awaited, 'wait');
    },
    async pass(ms) {
      now += ms;
      for (const [resolve, until] of waiting) {
        if (until > now) continue;
        waiting.delete(resolve);
        resolve();
      }
      await setImmediate();
    },
  };
}
