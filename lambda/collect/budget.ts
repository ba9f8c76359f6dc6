import type { Deadline } from '../deadline.ts';

/** Kept back from the scrape for publishing and committing: this much, or this share of a short invocation. */
const RESERVE = { ms: 12_000, share: 0.3 };
/** The reserve in shares: preparing the state at the most; publishing with what is left of it; ending the lease. */
const PREPARE_SHARE = 0.3;
const END_SHARE = 0.2;
/** Of the reserve, kept back for the report: a function that is cut off forgets what it could not commit. */
const REPORT_SHARE = 0.1;
/** The most that one call of a service beside the scrape may take; the SDK's own limits mostly end it sooner. */
const SIDE_CALL_MS = 8_000;
/** Of a short invocation, the most that acquiring the lease may take: a store that hangs must not cost the cycle. */
const LEASE_SHARE = 0.25;
/** The lease outlives its run by this much: two functions whose clocks are each a minute off must not both hold it. */
const CLOCK_SKEW_MS = 120_000;

/** How a cycle divides its time. */
export interface Budget {
  /** How long the lease lasts, milliseconds. */
  readonly leaseMs: number;
  /** For acquiring the lease. */
  readonly acquire: Deadline;
  /** For discovering and scraping the pods. */
  readonly scrape: Deadline;
  /** For reading the subnets, beside the scrape. */
  readonly subnets: () => Deadline;
  /** For storing the state before it is published. */
  readonly prepare: () => Deadline;
  /** For publishing. */
  readonly publish: Deadline;
  /** For ending the lease, by a commit or a rollback. */
  readonly end: () => Deadline;
}

/** @param deadline when the invocation is cut off */
export function budgetOf(deadline: Deadline): Budget {
  const { remainingMs } = deadline;
  const reserveMs = Math.round(Math.min(RESERVE.ms, remainingMs * RESERVE.share));
  const scrape = deadline.earlierBy(reserveMs);
  const report = deadline.earlierBy(reserveMs * REPORT_SHARE);
  const publish = report.earlierBy(reserveMs * END_SHARE);
  return {
    leaseMs: remainingMs + CLOCK_SKEW_MS,
    acquire: deadline.within(Math.round(Math.min(SIDE_CALL_MS, remainingMs * LEASE_SHARE))),
    scrape,
    subnets: () => scrape.within(SIDE_CALL_MS),
    prepare: () => publish.within(reserveMs * PREPARE_SHARE),
    publish,
    end: () => report.within(SIDE_CALL_MS),
  };
}
