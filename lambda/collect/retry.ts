import type { ScrapeError } from '../errors.ts';

/** What the attempts to read one pod have come to. */
export interface Attempts {
  /** It was not read in the last cycle: it is not worth many attempts. */
  readonly wasUnread: boolean;
  /** All that have ended. */
  readonly failed: number;
  /** Those whose failure is the pod's own, and no sign of an API server that is away. */
  readonly failedOnItsOwn: number;
}

/** Pauses before a pod is asked again grow from the first to the last, milliseconds. */
const PAUSE_MS = { first: 250, most: 2_000 };
/** Attempts whose failure is the pod's own: about 4 s with the pauses between. */
const MOST_OF_ITS_OWN = 5;
const MOST_OF_UNREAD = 2;

/**
 * How long to wait before a pod is asked again, milliseconds; undefined: it is not. Retry-After is honored up to the
 * longest pause.
 */
export function pauseBefore(
  { wasUnread, failed, failedOnItsOwn }: Attempts,
  { retryable, retryAfterMs = 0 }: ScrapeError,
): number | undefined {
  const isEnough = wasUnread ? failed >= MOST_OF_UNREAD : failedOnItsOwn >= MOST_OF_ITS_OWN;
  if (!retryable || isEnough) return undefined;
  return Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.first * 2 ** (failed - 1), retryAfterMs));
}
