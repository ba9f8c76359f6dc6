/**
 * How many requests may be in flight: grows step by step while all goes well and falls by half on a sign of
 * overload, as TCP does with its window. Proxied requests are exempt from the API server's own limits on
 * requests, so this is the only brake.
 */
export interface Pace {
  limit: number;
  readonly least: number;
  readonly most: number;
  /** Outcomes of requests sent before the last fall, which say nothing of the new limit. */
  stale: number;
  /** Since the last change. */
  answers: number;
  totalMs: number;
  /** The lowest mean of a round so far: what an answer takes when nothing is in its way. */
  usualMs: number;
}

const LEAST = 10;
/** Where a cycle begins; more than some 50 gains nothing where an answer takes 20 ms. */
const FIRST = 50;
const STEP = 10;
const FALL = 0.5;
/** So much slower than usual is a sign of overload: by this factor, and by so much that it is no jitter. */
const SLOW = { factor: 3, ms: 100 };

/** @param most requests in flight, at least 1 */
export function newPace(most: number): Pace {
  return {
    limit: Math.min(FIRST, most),
    least: Math.min(LEAST, most),
    most,
    stale: 0,
    answers: 0,
    totalMs: 0,
    usualMs: Infinity,
  };
}

/** Takes note of an answer. A round is as many answers as may be in flight. */
export function noteAnswer(pace: Pace, latencyMs: number): void {
  if (isStale(pace)) return;
  pace.answers += 1;
  pace.totalMs += latencyMs;
  if (pace.answers < pace.limit) return;
  const mean = pace.totalMs / pace.answers;
  pace.usualMs = Math.min(pace.usualMs, mean);
  if (mean > SLOW.factor * pace.usualMs && mean > pace.usualMs + SLOW.ms) fall(pace);
  else change(pace, Math.min(pace.most, pace.limit + STEP));
}

/** Takes note of a sign of overload: 429, a connection that broke, an error of a proxy in between. */
export function noteStrain(pace: Pace): void {
  if (!isStale(pace)) fall(pace);
}

function isStale(pace: Pace): boolean {
  if (pace.stale === 0) return false;
  pace.stale -= 1;
  return true;
}

function fall(pace: Pace): void {
  pace.stale = pace.limit - 1;
  change(pace, Math.max(pace.least, Math.floor(pace.limit * FALL)));
}

function change(pace: Pace, limit: number): void {
  pace.limit = limit;
  pace.answers = 0;
  pace.totalMs = 0;
}
