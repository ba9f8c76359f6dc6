import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../deadline.ts';

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  // Whole milliseconds: fractions are noise in a report.
  elapsed: () => Math.round(performance.now()),
  wait: (ms) => setTimeout(ms),
};
