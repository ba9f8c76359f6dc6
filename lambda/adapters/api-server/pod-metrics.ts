import type { Pod } from '../../collect/ports.ts';
import { METRICS_PORT, POD_NAMESPACE } from '../../contract.ts';
import type { Deadline } from '../../deadline.ts';
import type { ScrapeFailureCode } from '../../domain/causes.ts';
import { CollectorError, ScrapeError } from '../../errors.ts';
import type { ApiClient } from './client.ts';
import { retryAfterMs, statusMessage } from './status-message.ts';
import { type Answer, TransportError, type TransportFault } from './transport.ts';

/** ipamd serves about 30 KB; this is far above it and far below what the memory of a function holds. */
const MAX_BYTES = 2 * 1024 * 1024;
const ACCEPT = 'text/plain;version=0.0.4';

/**
 * Reads one pod's metrics through the API server's proxy.
 * @param read takes what is needed from the text: thousands of texts must not stay in memory
 * @throws ScrapeError; what `read` throws
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
      accept: ACCEPT,
      deadline,
      maxBytes: MAX_BYTES,
      read: (answer) => {
        if (answer.status !== 200) throw statusFailure(answer);
        return read(answer.body);
      },
    });
  } catch (error) {
    throw transportFailure(error);
  }
}

const FAULTS: Readonly<Record<TransportFault, { code: ScrapeFailureCode; retryable: boolean }>> = {
  timeout: { code: 'scrape-timeout', retryable: false },
  lost: { code: 'connection-lost', retryable: true },
  unreachable: { code: 'connection-lost', retryable: true },
  tls: { code: 'connection-lost', retryable: false },
  'too-large': { code: 'answer-too-large', retryable: false },
  malformed: { code: 'unparsable', retryable: false },
};

function transportFailure(cause: unknown): unknown {
  if (cause instanceof TransportError) {
    const { code, retryable } = FAULTS[cause.fault];
    return new ScrapeError(code, cause.message, { retryable, overload: retryable, cause });
  }
  // No credentials, so no request either.
  if (cause instanceof CollectorError)
    return new ScrapeError('scrape-unauthorized', cause.message, { cause });
  return cause;
}

function statusFailure({ status, headers, body }: Answer): ScrapeError {
  const message = statusMessage(body);
  const what = `status ${status}: ${message}`;
  switch (status) {
    case 401:
      return new ScrapeError('scrape-unauthorized', what);
    case 403:
      return new ScrapeError('scrape-forbidden', what);
    case 404:
      return new ScrapeError('pod-gone', what);
    case 429: {
      const after = retryAfterMs(headers['retry-after']);
      return new ScrapeError('scrape-throttled', what, {
        retryable: true,
        overload: true,
        ...(after !== undefined && { retryAfterMs: after }),
      });
    }
    case 502:
    case 503:
    case 504: {
      const code = deadNode(message);
      return code
        ? new ScrapeError(code, what)
        : new ScrapeError('bad-status', what, { retryable: true, overload: true });
    }
    default:
      return new ScrapeError('bad-status', what);
  }
}

/** What the API server says of a node that it cannot reach, in the words of Go's net package. */
function deadNode(message: string): ScrapeFailureCode | undefined {
  if (/connection refused/.test(message)) return 'port-refused';
  if (
    /dial tcp.*i\/o timeout|no route to host|network is unreachable|context deadline exceeded/.test(message)
  )
    return 'port-unreachable';
  return undefined;
}
