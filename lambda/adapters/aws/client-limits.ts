import type { Deadline } from '../../deadline.ts';

/**
 * The limits of all calls to AWS, in milliseconds. Without them a missing VPC endpoint hangs until the function's own
 * timeout. A call has the deadline of its caller (lambda/collect/budget.ts, lambda/diagnose/steps.ts) or one of
 * SHORT_CALLS_MS if that comes first, and each of its attempts gets a share of it.
 */

/** The second attempt uses a new connection: a frozen function may hold one that is dead. */
const ATTEMPTS = 2;
/** A connection inside a region takes milliseconds; the second SYN comes after 1 s. */
const CONNECT_MS = 2_000;
/** AWS answers these calls in less than a second; also for a large state object or a cold service. */
const ATTEMPT_MS = 5_000;
/** Of the time that is left. The rest is for the pause before the second attempt, 100 ms at most. */
const ATTEMPT_SHARE = 0.45;

/**
 * For the construction of every client; `throwOnRequestTimeout` because the SDK otherwise only warns. Certificates are
 * checked whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 */
export const CLIENT_LIMITS = {
  maxAttempts: ATTEMPTS,
  requestHandler: {
    connectionTimeout: CONNECT_MS,
    requestTimeout: ATTEMPT_MS,
    throwOnRequestTimeout: true,
    httpsAgent: { rejectUnauthorized: true },
  },
} as const;

/** Calls that a cycle or a diagnosis can do without, so that they must not hold it up. */
export const SHORT_CALLS_MS = {
  /** DescribeSubnets, beside the scrape: without it only the subnet metrics are missing. */
  subnets: 4_000,
  /** DescribeInstances, before the cycle: without it the name of the cluster is used. */
  clusterId: 4_000,
  /** GetCallerIdentity: only the diagnosis asks, and many functions have no route to STS. */
  identity: 2_000,
} as const;

/** Options of one call that ends by its deadline, with time for all of its attempts. */
export const callOptions = (deadline: Deadline) => ({
  abortSignal: deadline.signal,
  requestTimeout: Math.max(1, Math.floor(Math.min(ATTEMPT_MS, deadline.remainingMs * ATTEMPT_SHARE))),
});
