import type { ScrapeFailureCode } from '../../domain/causes/scrape-failures.ts';
import { ScrapeError } from '../../errors.ts';
import { reasonOf, retryAfterMs, statusMessage } from './status-message.ts';
import { type Answer, MAX_REPEATED_BYTES } from './transport.ts';

/** One pod must not hold up a cycle, and any pod can send this header. */
const MAX_WAIT_MS = 2_000;

/** Why a pod was not read, and the flags of the ScrapeError. */
export interface Failure {
  readonly code: ScrapeFailureCode;
  readonly retryable?: boolean;
  readonly overload?: boolean;
}

/**
 * Why a proxied request did not get status 200. The API server answers for itself with a Status object, and it passes
 * on unchanged what the pod answers; only a Status says something about the pod's existence or about rights.
 */
export function statusFailure({ status, headers, body }: Answer): ScrapeError {
  const message = statusMessage(body);
  const { code, ...flags } = repeatable(failureOf(status, reasonOf(body), message), body.length);
  const wait = retryAfterMs(headers['retry-after']);
  return new ScrapeError(code, `status ${status}: ${message}`, {
    ...flags,
    ...(code === 'scrape-throttled' && wait !== undefined && { retryAfterMs: Math.min(wait, MAX_WAIT_MS) }),
  });
}

function failureOf(status: number, reason: string | undefined, message: string): Failure {
  const [, problem] = /^error trying to reach service: (.*)$/.exec(message) ?? [];
  if (problem !== undefined) return proxyFailure(problem);
  // The API server throttles in plain text, a pod may do so as well.
  if (status === 429) return { code: 'scrape-throttled', retryable: true, overload: true };
  return reason === undefined ? podFailure(status) : apiServerFailure(status, reason, message);
}

/**
 * What the API server met on its way to the pod, in the words of Go's net and net/http.
 * https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apimachinery/pkg/util/proxy/transport.go
 */
function proxyFailure(problem: string): Failure {
  if (/connection refused/.test(problem)) return { code: 'port-refused' };
  if (
    /^dial |timed out|i\/o timeout|deadline exceeded|no route to host|host is down|unreachable/.test(problem)
  )
    return { code: 'port-unreachable' };
  if (/malformed|headers exceeded|HTTPS client/.test(problem)) return { code: 'not-ipamd' };
  if (/EOF|reset by peer|broken pipe|closed/.test(problem))
    return { code: 'answer-incomplete', retryable: true };
  return { code: 'api-server-error', retryable: true };
}

function apiServerFailure(status: number, reason: string, message: string): Failure {
  if (status === 401) return { code: 'scrape-unauthorized' };
  if (status === 403) return { code: 'scrape-forbidden', retryable: true };
  if (status === 404 && reason === 'NotFound') return { code: 'pod-gone' };
  if (status === 400 && message === 'address not allowed') return { code: 'pod-without-address' };
  return status >= 500
    ? { code: 'api-server-error', retryable: true, overload: true }
    : { code: 'api-server-error' };
}

/** The failure, final if the answer is large. @param bytes of the answer that were received */
export const repeatable = (failure: Failure, bytes: number): Failure =>
  bytes > MAX_REPEATED_BYTES ? { ...failure, retryable: false } : failure;

/** ipamd answers 200, or 500 where it cannot gather its metrics. A proxy in front of the API server answers 502 to 504. */
export function podFailure(status: number): Failure {
  if (status < 500) return { code: 'not-ipamd' };
  if (status === 500 || status > 504) return { code: 'bad-status' };
  return { code: 'bad-status', retryable: true, overload: status !== 503 };
}
