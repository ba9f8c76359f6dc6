import type { Pod } from '../../collect/ports.ts';
import { METRICS_PORT, POD_NAMESPACE } from '../../contract.ts';
import type { Deadline } from '../../deadline.ts';
import { messageOf } from '../../domain/error-message.ts';
import { CollectorError, ScrapeError } from '../../errors.ts';
import type { ApiClient } from './client.ts';
import { type Failure, repeatable, statusFailure } from './status-failure.ts';
import { type Answer, TransportError, type TransportFault } from './transport.ts';

/**
 * ipamd serves about 30 KB. It makes a series of 290 bytes for each error message, some of which name the request: one
 * such error a minute makes 12.5 MB in a month.
 */
export const MAX_METRICS_BYTES = 16 * 1024 * 1024;
export const ACCEPT_METRICS = 'text/plain;version=0.0.4';

/**
 * Reads one pod's metrics through the API server's proxy.
 * @param read takes what is needed from the text: thousands of texts must not stay in memory
 * @throws ScrapeError
 * https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 */
export async function readMetrics<T>(
  client: ApiClient,
  pod: Pod,
  deadline: Deadline,
  read: (text: Uint8Array) => T,
): Promise<T> {
  const target = `${encodeURIComponent(pod.name)}:${METRICS_PORT}`;
  const path = `/api/v1/namespaces/${POD_NAMESPACE}/pods/${target}/proxy/metrics`;
  try {
    return await client.get({
      path,
      accept: ACCEPT_METRICS,
      deadline,
      maxBytes: MAX_METRICS_BYTES,
      read: readAnswer((answer) => {
        if (answer.status !== 200) throw statusFailure(answer);
        return read(answer.body);
      }),
    });
  } catch (error) {
    throw transportFailure(error);
  }
}

/** The same, but a fault of the program that one answer brings to light costs that pod only, not the cycle. */
export const readAnswer =
  <T>(read: (answer: Answer) => T) =>
  (answer: Answer): T => {
    try {
      return read(answer);
    } catch (cause) {
      if (cause instanceof ScrapeError) throw cause;
      throw new ScrapeError('unparsable', `the answer cannot be read: ${messageOf(cause)}`, { cause });
    }
  };

const FAILURES: Readonly<Record<TransportFault, Failure>> = {
  unreachable: { code: 'connection-lost', retryable: true, overload: true },
  tls: { code: 'connection-lost' },
  lost: { code: 'connection-lost', retryable: true, overload: true },
  'breaks-connection': { code: 'not-ipamd' },
  goaway: { code: 'connection-lost', retryable: true },
  refused: { code: 'connection-lost', retryable: true },
  cut: { code: 'answer-incomplete', retryable: true },
  timeout: { code: 'scrape-timeout' },
  'too-large': { code: 'answer-too-large' },
  'no-memory': { code: 'answer-too-large', retryable: true, overload: true },
  malformed: { code: 'unparsable' },
};

/** A failure of the transport as that of a pod; anything else stays as it is. */
export function transportFailure(cause: unknown): unknown {
  if (cause instanceof TransportError) {
    const failure = FAILURES[cause.fault];
    const { code, ...flags } = cause.fault === 'cut' ? repeatable(failure, cause.receivedBytes) : failure;
    return new ScrapeError(code, cause.message, { ...flags, cause });
  }
  // No credentials, so no request either.
  if (cause instanceof CollectorError)
    return new ScrapeError('scrape-unauthorized', cause.message, { cause });
  return cause;
}
