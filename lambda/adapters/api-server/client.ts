import { Pool } from './connection-pool.ts';
import type { Connection } from './credentials.ts';
import { type Dial, dialer } from './dial.ts';
import { Http1Line } from './http1-connection.ts';
import { Http2Line } from './http2-connection.ts';
import type { Answer, Limits } from './transport.ts';

/** Authenticated requests to one API server. */
export interface ApiClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * @param path with its query
   * @param read as `Request.read`
   * @throws TransportError when there is no complete answer; CollectorError when there are no credentials; what
   * `read` throws
   */
  get<T>(path: string, accept: string, limits: Limits, read: (answer: Answer) => T): Promise<T>;
  close(): void;
}

/** In place of an answer of 401. */
const REJECTED = Symbol('rejected');

/**
 * A thin client for the two calls whose number grows with the cluster; `@kubernetes/client-node` does the rest.
 * HTTP/2 where the server offers it, else HTTP/1.1. An answer of 401 is asked for once more with renewed credentials.
 * Connections are opened when needed and kept for the next cycle; idle ones do not keep the process up.
 */
export function apiClient(connection: Connection): ApiClient {
  const { endpoint, credentials } = connection;
  const dial = dialer(connection);
  const pool = new Pool((ended) => open(dial, endpoint, ended));
  const prefix = endpoint.pathname.replace(/\/$/, '');

  return {
    host: endpoint.host,
    close: () => pool.close(),
    async get<T>(path: string, accept: string, limits: Limits, read: (answer: Answer) => T): Promise<T> {
      const ask = <R>(authorization: string | undefined, budgetMs: number, read: (answer: Answer) => R) =>
        pool.get({
          path: `${prefix}${path}`,
          headers: headersOf(accept, authorization),
          limits: { ...limits, budgetMs },
          read,
        });
      if (credentials.kind === 'client-certificate') return ask(undefined, limits.budgetMs, read);
      const deadline = performance.now() + limits.budgetMs;
      const authorization = await credentials.authorization();
      const first = await ask(authorization, limits.budgetMs, (answer) =>
        answer.status === 401 ? REJECTED : read(answer),
      );
      if (first !== REJECTED) return first;
      const renewed = await credentials.renew(authorization);
      return ask(renewed, deadline - performance.now(), read);
    },
  };
}

const headersOf = (accept: string, authorization: string | undefined) => ({
  accept,
  'accept-encoding': 'gzip',
  'user-agent': 'eks-cni-metrics',
  ...(authorization !== undefined && { authorization }),
});

async function open(dial: Dial, endpoint: URL, ended: () => void) {
  const socket = await dial();
  return socket.alpnProtocol === 'h2'
    ? Http2Line.open(socket, endpoint, ended)
    : new Http1Line(socket, endpoint, ended);
}
