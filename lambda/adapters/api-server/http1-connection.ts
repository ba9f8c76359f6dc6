import { Agent, type ClientRequestArgs, type IncomingMessage, request as startRequest } from 'node:http';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { PendingAnswer } from './pending-answer.ts';
import { type Connection, type Request, TransportError } from './transport.ts';

/** One HTTP/1.1 connection: one request at a time, kept alive between them. */
export class Http1Connection implements Connection {
  readonly #socket: TLSSocket;
  readonly #agent: Agent;
  readonly #host: string;

  /** @param ended called when it has ended */
  constructor(socket: TLSSocket, url: URL, ended: () => void) {
    this.#socket = socket;
    this.#host = url.host;
    this.#agent = new OneSocketAgent(socket);
    socket.once('close', ended);
    // Each request reports its own loss. Before the first one nobody listens, and an error would end the process.
    socket.on('error', () => {});
  }

  get capacity(): number {
    return this.#socket.destroyed ? 0 : 1;
  }

  async get<T>(request: Request<T>): Promise<T> {
    const { path, headers } = request;
    const call = startRequest({ agent: this.#agent, path, headers: { ...headers, host: this.#host } });
    const pending = new PendingAnswer(request, () => call.destroy());
    let answer: IncomingMessage | undefined;
    const lost = (cause: Error) => pending.fail(faultOf(cause, answer !== undefined));
    call.on('information', () => pending.interim());
    call.once('response', (response) => {
      answer = response;
      response.on('data', (chunk: Buffer) => pending.add(chunk));
      response.once('error', lost);
    });
    call.once('error', lost);
    call.once('close', () => {
      if (answer?.complete) pending.complete(answer.statusCode ?? 0, answer.headers);
      else lost(new Error('no complete answer'));
    });
    call.end();
    return pending.result;
  }

  /** HTTP/1.1 has no ping. */
  async alive(): Promise<boolean> {
    return false;
  }

  close(): void {
    this.#agent.destroy();
    this.#socket.destroy();
  }
}

/** Node's keep-alive over a connection that is already open. */
class OneSocketAgent extends Agent {
  #socket: TLSSocket | undefined;

  constructor(socket: TLSSocket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void,
  ): TLSSocket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    // By the callback: an exception would leave the agent's event handler and end the process.
    if (!socket) callback(new Error('the connection was closed'), new Duplex());
    return socket;
  }
}

/** Where HTTP/2 resets a stream, a server of HTTP/1.1 has only the end of the connection to break an answer off. */
function faultOf(cause: Error, answering: boolean): TransportError {
  if (codeOf(cause).startsWith('HPE_'))
    return new TransportError('malformed', `the answer is not HTTP: ${messageOf(cause)}`, cause);
  return new TransportError(
    answering ? 'cut' : 'lost',
    `connection closed early: ${messageOf(cause)}`,
    cause,
  );
}
