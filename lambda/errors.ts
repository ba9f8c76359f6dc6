import { ERRORS, type ErrorCode } from './domain/causes/errors.ts';
import type { ScrapeFailureCode } from './domain/causes/scrape-failures.ts';
import { evidence } from './domain/evidence.ts';
import { printable } from './domain/printable.ts';
import { redact } from './domain/redact.ts';

/**
 * Why a whole invocation failed: a stable code, what failed on what, and what to do. The message contains all of it, so
 * that log, report and exception say the same.
 */
export class CollectorError extends Error {
  override readonly name: string = 'CollectorError';
  readonly code: ErrorCode;
  readonly what: string;
  readonly remedy: string;

  /** @param what one sentence without its full stop: what failed, on what, with the evidence; it can quote a server */
  constructor(code: ErrorCode, what: string, options: { remedy?: string; cause?: unknown } = {}) {
    const said = evidence(what);
    const remedy = evidence(options.remedy ?? ERRORS[code].remedy);
    super(`${code}: ${said}. ${remedy}`, { cause: withoutTokens(options.cause) });
    this.code = code;
    this.what = said;
    this.remedy = remedy;
  }
}

/** The error, if it is one of the collector. @throws any other: a fault of the program */
export function expectedError(error: unknown): CollectorError {
  if (error instanceof CollectorError) return error;
  throw error;
}

/** Why one pod was not read; thrown by adapters, counted by the collector. */
export class ScrapeError extends Error {
  override readonly name = 'ScrapeError';
  readonly code: ScrapeFailureCode;
  /** Whether the same request may well succeed if it is sent again. */
  readonly retryable: boolean;
  /** Whether it is a sign of an overloaded API server: fewer requests at a time may succeed. */
  readonly overload: boolean;
  /** Wait asked for by the server (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ScrapeFailureCode,
    message: string,
    options: { retryable?: boolean; overload?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(evidence(message), { cause: withoutTokens(options.cause) });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.overload = options.overload ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** An error of a library, without credentials in it or in its causes. */
function withoutTokens(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? evidence(error) : error;
  // Errors of the AWS SDK contain the whole exchange, request headers included: only name and message are kept.
  const kept = '$response' in error ? Object.assign(new Error(error.message), { name: error.name }) : error;
  kept.message = evidence(error.message);
  kept.stack = redact(error.stack ?? '')
    .split('\n')
    .map(printable)
    .join('\n');
  if (error.cause !== undefined) kept.cause = withoutTokens(error.cause);
  return kept;
}
