import { messageOf } from '../../domain/error-message.ts';
import { type Request, type Transport, TransportError } from './transport.ts';

/** Losses in a row, all but the first of them alone, after which the answer itself must be the cause. */
const LOSSES_OF_A_CULPRIT = 3;
/** Paths whose losses are known, the latest: those of pods that no longer exist must not stay for ever. */
const MAX_SUSPECTS = 10_000;

/**
 * Sends a request whose connection broke over a connection of its own the next time. HTTP/2 carries many answers on
 * one connection, and a single one can end it: Node's client closes a connection over response headers that are too
 * large. So other answers on the connection are lost at most once, and only the large one fails in the end.
 */
export class IsolatingTransport implements Transport {
  readonly #connect: () => Transport;
  readonly #shared: Transport;
  readonly #alone = new Set<Transport>();
  /** By path: how often in a row the connection broke before the answer was complete. */
  readonly #losses = new Map<string, number>();

  /** @param connect gives a transport with connections of its own */
  constructor(connect: () => Transport) {
    this.#connect = connect;
    this.#shared = connect();
  }

  async get<T>(request: Request<T>): Promise<T> {
    const { path } = request;
    const losses = this.#losses.get(path) ?? 0;
    try {
      const result = await (losses === 0 ? this.#shared.get(request) : this.#getAlone(request));
      this.#losses.delete(path);
      return result;
    } catch (error) {
      const fault = error instanceof TransportError ? error.fault : undefined;
      if (fault === 'lost') {
        this.#note(path, losses + 1);
        if (losses + 1 >= LOSSES_OF_A_CULPRIT) throw breaksConnection(error);
      }
      // Without a connection nothing is known; any other end of the request has left the connection intact.
      else if (fault !== 'unreachable') this.#losses.delete(path);
      throw error;
    }
  }

  close(): void {
    for (const transport of [this.#shared, ...this.#alone]) transport.close();
  }

  #note(path: string, losses: number): void {
    this.#losses.delete(path);
    this.#losses.set(path, losses);
    const [oldest] = this.#losses.keys();
    if (this.#losses.size > MAX_SUSPECTS && oldest !== undefined) this.#losses.delete(oldest);
  }

  async #getAlone<T>(request: Request<T>): Promise<T> {
    const transport = this.#connect();
    this.#alone.add(transport);
    try {
      return await transport.get(request);
    } finally {
      this.#alone.delete(transport);
      transport.close();
    }
  }
}

function breaksConnection(cause: unknown): TransportError {
  return new TransportError(
    'breaks-connection',
    `the connection breaks each time this answer arrives, even if it carries no other: ${messageOf(cause)}`,
    cause,
  );
}
