import type { ScrapeError } from '../errors.ts';

/** The attempts to read one pod. */
export interface Attempts {
  /** The pod was not read in the last cycle: it gets few attempts. */
  readonly wasUnread: boolean;
  /** All failures. */
  readonly failed: number;
  /** Failures of the pod itself, not of an API server that is away. */
  readonly failedOnItsOwn: number;
  /** Time that these took while other pods were read, milliseconds. */
  readonly ownMs: number;
}

/** Pauses double from the first one up to the longest, milliseconds. */
const PAUSE_MS = { first: 250, most: 2_000 };
/** Failures of the pod itself after which it is given up: about 4 s including the pauses. */
const MAX_OWN_FAILURES = 5;
const MAX_UNREAD_FAILURES = 2;
/** A pod can take as long as it likes to say that it cannot answer now, and must not hold up a cycle. */
const MAX_OWN_MS = 2_000;

/**
 * How long to wait before the next attempt, milliseconds; undefined: there is none. Retry-After is honored up to
 * the longest pause.
 */
export function pauseBefore(
  { wasUnread, failed, failedOnItsOwn, ownMs }: Attempts,
  { retryable, retryAfterMs = 0 }: ScrapeError,
): number | undefined {
  const isEnough = wasUnread ? failed >= MAX_UNREAD_FAILURES : failedOnItsOwn >= MAX_OWN_FAILURES;
  if (!retryable || isEnough || ownMs >= MAX_OWN_MS) return undefined;
  return Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.first * 2 ** (failed - 1), retryAfterMs));
}
