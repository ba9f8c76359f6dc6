import type { Connection } from './connection.ts';
import { type Dial, dialer } from './dial.ts';
import { Http1Line } from './http1-line.ts';
import { Http2Line } from './http2-line.ts';
import { Pool } from './pool.ts';
import type { Answer, Limits } from './transport.ts';

/** Authenticated requests to one API server. */
export interface ApiClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * @param path with its query
   * @param read as `Transport.get` has it
   * @throws TransportError when there is no complete answer; CollectorError when there are no credentials
   */
  get<T>(path: string, accept: string, limits: Limits, read: (answer: Answer) => T): Promise<T>;
  close(): void;
}

const REJECTED = Symbol('rejected');

/**
 * A thin client for the two calls whose number grows with the cluster; `@kubernetes/client-node` does the rest.
 * HTTP/2 where the server offers it, else HTTP/1.1. An answer of 401 is asked for once more with renewed credentials.
 */
export function apiClient(connection: Connection): ApiClient {
  const { endpoint, credentials } = connection;
  const dial = dialer(connection);
  const pool = new Pool((ended) => open(dial, endpoint, ended));
  const prefix = endpoint.pathname.replace(/\/$/, '');

  const ask = <T>(
    path: string,
    accept: string,
    authorization: string | undefined,
    limits: Limits,
    read: (answer: Answer) => T,
  ) =>
    pool.get(
      `${prefix}${path}`,
      {
        accept,
        'accept-encoding': 'gzip',
        'user-agent': 'eks-cni-metrics',
        ...(authorization !== undefined && { authorization }),
      },
      limits,
      read,
    );

  return {
    host: endpoint.host,
    close: () => pool.close(),
    async get<T>(path: string, accept: string, limits: Limits, read: (answer: Answer) => T): Promise<T> {
      if (credentials.kind === 'client-certificate') return ask(path, accept, undefined, limits, read);
      const deadline = performance.now() + limits.budgetMs;
      const authorization = await credentials.authorization();
      const first = await ask(path, accept, authorization, limits, (answer) =>
        answer.status === 401 ? REJECTED : read(answer),
      );
      if (first !== REJECTED) return first;
      const renewed = await credentials.renew(authorization);
      return ask(path, accept, renewed, { ...limits, budgetMs: deadline - performance.now() }, read);
    },
  };
}

async function open(dial: Dial, endpoint: URL, ended: () => void) {
  const socket = await dial();
  return socket.alpnProtocol === 'h2'
    ? Http2Line.open(socket, endpoint, ended)
    : new Http1Line(socket, endpoint, ended);
}
