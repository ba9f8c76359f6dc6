/**
 * Limits of every AWS client. Without them a missing VPC endpoint hangs until the function's own timeout.
 * Both are milliseconds; `throwOnRequestTimeout` because the SDK otherwise only warns.
 */
export const CLIENT_LIMITS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
