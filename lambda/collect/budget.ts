import type { Deadline } from '../deadline.ts';
import { CLOCK_SKEW_MS } from '../domain/state/ranges.ts';

/** Reserved for publishing and committing: this much, or this share of a short invocation. */
const RESERVE = { ms: 12_000, share: 0.3 };
/** Shares of the reserve: at most this for preparing the state, and this for ending the lease; the rest for publishing. */
const PREPARE_SHARE = 0.3;
const END_SHARE = 0.2;
/** Share of the reserve for the report: a function that is cut off forgets what it has to roll back. */
const REPORT_SHARE = 0.1;
/** Limit of one call to another service; the limits of the SDK usually end it sooner. */
const SIDE_CALL_MS = 8_000;
/** A page of 1,000 interfaces takes about a second of a function with 512 MB; 16 subnets have some 8,000. */
const HOLDINGS_MS = 25_000;
/** Share of a short invocation that acquiring the lease may take: a store that hangs must not cost the cycle. */
const LEASE_SHARE = 0.25;

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
  /** For reading the network interfaces of the subnets, after everything else. */
  readonly holdings: () => Deadline;
}

/** @param deadline when the invocation is cut off */
export function budgetOf(deadline: Deadline): Budget {
  const { remainingMs } = deadline;
  const reserveMs = Math.round(Math.min(RESERVE.ms, remainingMs * RESERVE.share));
  const scrape = deadline.earlierBy(reserveMs);
  const report = deadline.earlierBy(reserveMs * REPORT_SHARE);
  const publish = report.earlierBy(reserveMs * END_SHARE);
  return {
    // Two functions whose clocks differ must not both hold it.
    leaseMs: remainingMs + CLOCK_SKEW_MS,
    acquire: deadline.within(Math.round(Math.min(SIDE_CALL_MS, remainingMs * LEASE_SHARE))),
    scrape,
    subnets: () => scrape.within(SIDE_CALL_MS),
    prepare: () => publish.within(reserveMs * PREPARE_SHARE),
    publish,
    end: () => report.within(SIDE_CALL_MS),
    holdings: () => report.earlierBy(reserveMs * REPORT_SHARE).within(HOLDINGS_MS),
  };
}
