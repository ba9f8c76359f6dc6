import { SYSTEM_CLOCK } from '../../lambda/adapters/system-clock.ts';
import { Deadline } from '../../lambda/deadline.ts';

/** A deadline of real time; far above what anything takes where none is named. */
export const deadlineIn = (ms = 30_000): Deadline => Deadline.in(ms, SYSTEM_CLOCK);
