import { quoted } from '../evidence.ts';
import { number, UnusableState } from './shape.ts';

/** Above it whole numbers are not exact, so neither is an increase; no process counts so far. */
export const MAX_EVENTS = 2 ** 53;

/** How far the clocks of two functions may be apart: each a minute off. */
export const CLOCK_SKEW_MS = 120_000;
/** An event may name a time two minutes ahead. */
const EARLY_MS = 120_000;
/** Lambda's longest timeout. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const MAX_RUN_MS = 15 * 60_000;

/** The latest tick that a state may hold at `now`. Both are epoch milliseconds. */
export const latestTick = (now: number): number => now + EARLY_MS + CLOCK_SKEW_MS;

/** The latest end of a lease at `now`: one that begins now by a clock ahead, and outlives the longest run. */
export const latestLeaseEnd = (now: number): number => now + MAX_RUN_MS + 2 * CLOCK_SKEW_MS;

/** A time in epoch milliseconds. @throws UnusableState where it is later than `latest` */
export function time(value: unknown, latest: number, what: string): number {
  const at = number(value, what);
  if (at >= 0 && at <= latest) return at;
  throw new UnusableState(
    `${what} is ${quoted(at)}, later than ${new Date(latest).toISOString()} or negative`,
  );
}
