import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { Clock, Deadline } from '../../deadline.ts';
import { CollectorError } from '../../errors.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Credentials } from './credentials.ts';
import { type Dial, dialer } from './dial.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import { IsolatingTransport } from './isolating-transport.ts';
import { ReceiveMemory } from './receive-memory.ts';
import { type Answer, MAX_REPEATED_BYTES, type Request } from './transport.ts';

/** Authenticated requests to one API server. */
export interface ApiClient {
  /** Host and port, for messages. */
  readonly host: string;
  /**
   * @throws TransportError when there is no complete answer; CollectorError when there are no credentials; what
   * `read` throws
   */
  get<T>(request: ApiRequest<T>): Promise<T>;
  close(): void;
}

interface ApiRequest<T> extends Pick<Request<T>, 'path' | 'deadline' | 'maxBytes' | 'read'> {
  /** Media types, as the header `accept` has them. */
  readonly accept: string;
}

export interface ApiClientOptions {
  readonly endpoint: ClusterEndpoint;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/** Stands for an answer of 401. */
const REJECTED = Symbol('rejected');

/**
 * A thin client for the two kinds of calls whose number grows with the cluster; `@kubernetes/client-node` makes the others.
 * It uses HTTP/2 if the server offers it, otherwise HTTP/1.1. After a 401 the request is sent once more with renewed
 * credentials. Connections are opened when they are needed and kept for the next cycle; idle ones do not keep the process alive.
 */
export function apiClient({ endpoint, credentials, clock }: ApiClientOptions): ApiClient {
  const { url } = endpoint;
  const dial = dialer(endpoint, credentials);
  const transport = new IsolatingTransport(
    () => new ConnectionPool((ended) => open(dial, url, ended), clock),
  );
  const memory = new ReceiveMemory();
  const prefix = url.pathname.replace(/\/$/, '');

  const send = <T>({ path, accept, ...request }: ApiRequest<T>, authorization?: string): Promise<T> =>
    transport.get({
      ...request,
      memory,
      path: `${prefix}${path}`,
      headers: headersOf(accept, authorization),
    });

  return {
    host: url.host,
    close: () => transport.close(),
    async get(request) {
      if (credentials.kind === 'client-certificate') return send(request);
      const { deadline } = request;
      const authorization = await by(deadline, credentials.authorization());
      const read = (answer: Answer) => (isRejection(answer) ? REJECTED : request.read(answer));
      const first = await send({ ...request, read }, authorization);
      if (first !== REJECTED) return first;
      return send(request, await by(deadline, credentials.renew(authorization)));
    },
  };
}

/** Any pod can answer 401, and a large answer is not asked for again. */
const isRejection = ({ status, body }: Answer): boolean =>
  status === 401 && body.length <= MAX_REPEATED_BYTES;

/**
 * Credentials, unless they come too late. Only the wait ends: a plug-in may still wait for a person to log in, and what
 * comes of it serves later requests.
 */
function by(deadline: Deadline, credentials: Promise<string>): Promise<string> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = deadline.whenPassed(() => reject(tooLate()));
  return Promise.race([credentials, late]).finally(() => clearTimeout(timer));
}

const tooLate = () =>
  new CollectorError('credentials-missing', 'what provides the credentials did not answer in time', {
    remedy: 'If it waits for a login, log in: the next cycle uses the new credentials.',
  });

const headersOf = (accept: string, authorization: string | undefined) => ({
  accept,
  'accept-encoding': 'gzip',
  'user-agent': 'eks-cni-metrics',
  ...(authorization !== undefined && { authorization }),
});

async function open(dial: Dial, url: URL, ended: () => void) {
  const socket = await dial();
  return socket.alpnProtocol === 'h2'
    ? Http2Connection.open(socket, url, ended)
    : new Http1Connection(socket, url, ended);
}
