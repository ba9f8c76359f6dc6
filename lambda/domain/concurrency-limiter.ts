/**
 * How many requests may be in flight: grows step by step while all goes well and falls by half on a sign of
 * overload, as TCP does with its window. Proxied requests are exempt from the API server's own limits on
 * requests, so this is the only brake.
 */
export interface ConcurrencyLimiter {
  limit: number;
  readonly least: number;
  readonly most: number;
  /** Outcomes of requests sent before the last fall, which say nothing of the new limit. */
  stale: number;
  /** Since the last change. */
  overloads: number;
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
/** Any pod can answer 429 itself. So small a share of a round does not come from an overloaded API server. */
const FEW = 0.1;
/** So much slower than usual is a sign of overload: by this factor, and by so much that it is no jitter. */
const SLOW = { factor: 3, ms: 100 };

/**
 * @param most requests in flight, at least 1
 * @param first requests in flight at the start
 */
export function newConcurrencyLimiter(most: number, first = FIRST): ConcurrencyLimiter {
  return {
    limit: Math.min(first, most),
    least: Math.min(LEAST, most),
    most,
    stale: 0,
    overloads: 0,
    answers: 0,
    totalMs: 0,
    usualMs: Infinity,
  };
}

/** Takes note of an answer. A round is as many answers as may be in flight. */
export function recordAnswer(limiter: ConcurrencyLimiter, latencyMs: number): void {
  if (isStale(limiter)) return;
  limiter.answers += 1;
  limiter.totalMs += latencyMs;
  if (limiter.answers < limiter.limit) return;
  const mean = limiter.totalMs / limiter.answers;
  limiter.usualMs = Math.min(limiter.usualMs, mean);
  if (mean > SLOW.factor * limiter.usualMs && mean > limiter.usualMs + SLOW.ms) fall(limiter);
  else change(limiter, Math.min(limiter.most, limiter.limit + STEP));
}

/** Takes note of a sign of overload: 429, a connection that broke, an error of a proxy in between. */
export function recordOverload(limiter: ConcurrencyLimiter): void {
  if (isStale(limiter)) return;
  limiter.overloads += 1;
  if (limiter.overloads > FEW * limiter.limit) fall(limiter);
}

function isStale(limiter: ConcurrencyLimiter): boolean {
  if (limiter.stale === 0) return false;
  limiter.stale -= 1;
  return true;
}

function fall(limiter: ConcurrencyLimiter): void {
  limiter.stale = limiter.limit - 1;
  change(limiter, Math.max(limiter.least, Math.floor(limiter.limit * FALL)));
}

function change(limiter: ConcurrencyLimiter, limit: number): void {
  limiter.limit = limit;
  limiter.overloads = 0;
  limiter.answers = 0;
  limiter.totalMs = 0;
}
