import type { IncomingHttpHeaders } from 'node:http';
import type { Deadline } from '../../deadline.ts';
import type { ReceiveMemory } from './receive-memory.ts';

/** Requests to one server, over as many connections as they need. */
export interface Transport {
  /** @throws TransportError if there is no complete answer (of any status); what `read` throws */
  get<T>(request: Request<T>): Promise<T>;
  /** Ends all connections; requests in flight fail. */
  close(): void;
}

export interface Request<T> {
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole answer, the wait for a connection included. */
  readonly deadline: Deadline;
  /** For the body, before and after its decompression. */
  readonly maxBytes: number;
  /** Shared by all requests whose answers must fit into memory together. */
  readonly memory: ReceiveMemory;
  /** Takes what is needed from the answer as soon as it is complete; only its result is kept. */
  readonly read: (answer: Answer) => T;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** One connection that takes requests. */
export interface Connection {
  /** Requests at a time; 0 once it takes no more. */
  readonly capacity: number;
  get: Transport['get'];
  /** Whether it still works after an idle time. */
  alive(): Promise<boolean>;
  close(): void;
}

/**
 * A larger answer that fails is not asked for again: to receive or inflate 16 MB five times in a cycle takes more than a
 * second of processor time.
 */
export const MAX_REPEATED_BYTES = 256 * 1024;

/**
 * `unreachable`: no connection (DNS, TCP, or no handshake in time) · `tls`: the server's certificate is not trusted ·
 * `lost`: the connection broke before the answer was complete · `breaks-connection`: it does so each time, because of
 * this answer · `goaway`: the server closes the connection and has not processed the request · `refused`: the same, but
 * the connection stays open · `cut`: the answer ended early, the connection did not · `timeout`: connected, but no
 * complete answer by the deadline · `too-large` · `no-memory`: none is left beside the other answers under way ·
 * `malformed`: the answer is not HTTP, or the body does not decompress
 */
export type TransportFault =
  | 'unreachable'
  | 'tls'
  | 'lost'
  | 'breaks-connection'
  | 'goaway'
  | 'refused'
  | 'cut'
  | 'timeout'
  | 'too-large'
  | 'no-memory'
  | 'malformed';

/** Why there is no answer. Its message names the server and the system's error code, never a header. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly fault: TransportFault;
  /** Bytes of the answer that had arrived. */
  receivedBytes = 0;

  constructor(fault: TransportFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}
