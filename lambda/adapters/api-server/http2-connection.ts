import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { messageOf } from '../../domain/error-message.ts';
import { PendingAnswer } from './pending-answer.ts';
import { type Connection, type Request, TransportError } from './transport.ts';

/**
 * kube-apiserver's limit for a connection since CVE-2023-44487. Also kept if a server allows more, because all streams
 * of one connection go to one of its replicas.
 * https://github.com/kubernetes/kubernetes/pull/121120
 */
const MAX_STREAMS = 100;
/** With the default of 64 KiB the server waits for the client in the middle of most answers. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 16 * 1024 * 1024;
/** For answers of the protocol itself: settings, ping. */
const PROTOCOL_MS = 1000;

/** One HTTP/2 connection. */
export class Http2Connection implements Connection {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session, ended: () => void) {
    this.#session = session;
    session.once('close', ended);
  }

  /**
   * @param socket a connection whose ALPN chose h2
   * @param ended called when it has ended
   */
  static open(socket: TLSSocket, url: URL, ended: () => void): Promise<Http2Connection> {
    return new Promise((resolve, reject) => {
      const session = connect(url, {
        createConnection: () => socket,
        settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      });
      const fail = (cause?: Error) => {
        const why = cause ? messageOf(cause) : 'closed before its first frame';
        reject(new TransportError('unreachable', `no HTTP/2 session with ${url.host}: ${why}`, cause));
      };
      // Each stream reports its own loss; the session's error adds nothing.
      session.on('error', fail);
      // With TLS 1.3 a server rejects a client certificate only after the handshake.
      socket.once('error', fail);
      session.once('close', fail);
      const timer = setTimeout(() => session.destroy(), PROTOCOL_MS);
      session.once('close', () => clearTimeout(timer));
      // The server's limit of streams is known only from its settings.
      session.once('remoteSettings', () => {
        clearTimeout(timer);
        session.setLocalWindowSize(SESSION_WINDOW_BYTES);
        // The timer of each request keeps the process alive as long as needed; an idle connection must not.
        session.unref();
        resolve(new Http2Connection(session, ended));
      });
    });
  }

  /** 0 after a GOAWAY, which closes the session; requests accepted before it are still answered. */
  get capacity(): number {
    if (this.#session.closed || this.#session.destroyed) return 0;
    return Math.min(MAX_STREAMS, this.#session.remoteSettings.maxConcurrentStreams ?? MAX_STREAMS);
  }

  async get<T>(request: Request<T>): Promise<T> {
    const stream = this.#request(request.path, request.headers);
    const pending = new PendingAnswer(request, () => stream.close(constants.NGHTTP2_CANCEL));
    let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
    let ended = false;
    let broken: Error | undefined;
    // Headers with a status 1xx; those of the answer are 'response'.
    stream.on('headers', () => pending.interim());
    stream.once('response', (received) => {
      headers = received;
      // Not earlier: node:http2 may emit 'data' before 'response', and a listener without the headers would lose it.
      stream.on('data', (chunk: Buffer) => pending.add(chunk));
      stream.once('end', () => {
        ended = true;
      });
    });
    stream.once('error', (error) => {
      broken = error;
    });
    stream.once('close', () => {
      // A lost connection may end the body without an error; then only the code shows it.
      if (ended && stream.rstCode === constants.NGHTTP2_NO_ERROR)
        pending.complete(headers[':status'] ?? 0, headers);
      else pending.fail(this.#faultOf(stream, broken));
    });
    return pending.result;
  }

  #faultOf({ rstCode }: ClientHttp2Stream, cause: Error | undefined): TransportError {
    const why = cause?.message ?? `code ${rstCode}`;
    if (this.#session.destroyed) return new TransportError('lost', `connection closed early: ${why}`, cause);
    // https://www.rfc-editor.org/rfc/rfc9113#section-8.7
    const unprocessed = this.#session.closed ? 'goaway' : 'refused';
    const fault = rstCode === constants.NGHTTP2_REFUSED_STREAM ? unprocessed : 'cut';
    return new TransportError(fault, `stream closed early: ${why}`, cause);
  }

  #request(path: string, headers: Readonly<Record<string, string>>): ClientHttp2Stream {
    try {
      return this.#session.request({ ...headers, ':path': path });
    } catch (cause) {
      const fault = this.capacity === 0 ? 'goaway' : 'refused';
      throw new TransportError(fault, `the request cannot be sent: ${messageOf(cause)}`, cause);
    }
  }

  alive(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PROTOCOL_MS);
      const answered = (error: Error | null) => {
        clearTimeout(timer);
        resolve(error === null);
      };
      if (this.#session.destroyed || !this.#session.ping(answered)) answered(new Error('no ping'));
    });
  }

  close(): void {
    this.#session.destroy();
  }
}
