import type { Clock } from '../../deadline.ts';
import {
  type Connection,
  type Request,
  type Transport,
  TransportError,
  type TransportFault,
} from './transport.ts';

/** More than any sensible concurrency needs over HTTP/2; over HTTP/1.1 it is the concurrency. */
const MAX_CONNECTIONS = 100;
/** Requests at a time expected of a connection until the first one has announced its own limit. */
const USUAL_CAPACITY = 100;
/**
 * After so long without a request a connection is checked before it is used: a frozen function does not see it end.
 * By the wall clock, since a monotonic clock may stand still while the function is frozen.
 */
const IDLE_MS = 5000;
/**
 * After so many failures in a row a connection gets no more requests: a server that refuses every stream, or a path
 * that drops every packet, may still look open. Replacing a healthy connection only costs a handshake.
 */
const FAILURES_OF_A_SICK_CONNECTION = 3;
/** A refused request is sent again so often: enough to leave a connection that refuses all. */
const RESENDS = FAILURES_OF_A_SICK_CONNECTION;
/** Faults that a connection may be to blame for. */
const FAILURES: ReadonlySet<TransportFault> = new Set(['lost', 'refused', 'cut', 'timeout']);

interface Waiting {
  start(connection: Connection): Promise<unknown>;
  fail(error: unknown): void;
}

interface Use {
  active: number;
  /** Epoch milliseconds of the last end of a request. */
  usedAt: number;
  /** In a row. */
  failures: number;
}

/** As many connections as the requests at hand need, kept for the next ones. */
export class ConnectionPool implements Transport {
  readonly #open: (ended: () => void) => Promise<Connection>;
  readonly #clock: Clock;
  readonly #connections = new Map<Connection, Use>();
  readonly #queue = new Set<Waiting>();
  /** Connections that are being opened or checked. */
  #pending = 0;
  #closed = false;
  #capacity = USUAL_CAPACITY;

  /** @param open connects; calls `ended` when the connection has ended */
  constructor(open: (ended: () => void) => Promise<Connection>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /**
   * What the server has not processed is sent again. After a GOAWAY, as it follows each 401, this is so until the
   * deadline: while a token is renewed, other requests meet a 401 and its GOAWAY on the next connection too.
   */
  async get<T>(request: Request<T>): Promise<T> {
    for (let resends = 0; ; resends += 1) {
      try {
        return await this.#send(request);
      } catch (error) {
        const fault = error instanceof TransportError ? error.fault : undefined;
        const again = fault === 'goaway' || (fault === 'refused' && resends < RESENDS);
        if (!again || request.deadline.hasPassed) throw error;
      }
    }
  }

  #send<T>(request: Request<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const waiting: Waiting = {
        start: (connection) => {
          clearTimeout(timer);
          const result = connection.get(request);
          resolve(result);
          return result;
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#queue.add(waiting);
      this.#serve();
      if (!this.#queue.has(waiting)) return;
      timer = request.deadline.whenPassed(() => {
        this.#queue.delete(waiting);
        reject(this.#noConnection());
      });
    });
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.keys()) connection.close();
    this.#connections.clear();
    this.#failAll(new TransportError('lost', 'the client was closed'));
  }

  /** Gives waiting requests to connections, and opens further connections for those that are left. */
  #serve(): void {
    for (const [connection, use] of this.#connections) {
      if (this.#queue.size === 0) return;
      if (connection.capacity === 0) this.#connections.delete(connection);
      else if (use.failures >= FAILURES_OF_A_SICK_CONNECTION) this.#retire(connection, use);
      else if (use.active === 0 && this.#clock.now() - use.usedAt > IDLE_MS) this.#check(connection);
      else this.#load(connection, use);
    }
    while (
      this.#queue.size > this.#pending * this.#capacity &&
      this.#connections.size + this.#pending < MAX_CONNECTIONS
    )
      this.#expect(this.#open(() => this.#serve()));
  }

  #load(connection: Connection, use: Use): void {
    for (const waiting of this.#queue) {
      if (use.active >= connection.capacity) return;
      this.#queue.delete(waiting);
      use.active += 1;
      const done = (failures: number) => {
        use.active -= 1;
        use.usedAt = this.#clock.now();
        use.failures = failures;
        this.#serve();
      };
      waiting.start(connection).then(
        () => done(0),
        (error) => done(isFailure(error) ? use.failures + 1 : 0),
      );
    }
  }

  /** Requests in flight may still be answered, and then the connection is used again. */
  #retire(connection: Connection, { active }: Use): void {
    if (active > 0) return;
    this.#connections.delete(connection);
    connection.close();
  }

  #check(connection: Connection): void {
    this.#connections.delete(connection);
    const checked = async () => {
      if ((await connection.alive()) && connection.capacity > 0) return connection;
      connection.close();
      return undefined;
    };
    this.#expect(checked());
  }

  /** Takes in a connection that is being opened or checked; undefined if the check failed. */
  async #expect(pending: Promise<Connection | undefined>): Promise<void> {
    this.#pending += 1;
    const arriving = pending.finally(() => {
      this.#pending -= 1;
    });
    try {
      const connection = await arriving;
      if (connection) this.#add(connection);
      this.#serve();
    } catch (error) {
      // Where others are open or pending, those serve the queue.
      if (this.#connections.size === 0 && this.#pending === 0) this.#failAll(error);
    }
  }

  #add(connection: Connection): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    if (connection.capacity === 0) throw new TransportError('unreachable', 'the server accepts no requests');
    this.#capacity = connection.capacity;
    this.#connections.set(connection, { active: 0, usedAt: this.#clock.now(), failures: 0 });
  }

  #failAll(error: unknown): void {
    for (const waiting of this.#queue) waiting.fail(error);
    this.#queue.clear();
  }

  #noConnection(): TransportError {
    return this.#connections.size > 0
      ? new TransportError('timeout', 'no free connection in time')
      : new TransportError('unreachable', 'no connection in time: DNS, TCP or TLS did not complete');
  }
}

const isFailure = (error: unknown): boolean => error instanceof TransportError && FAILURES.has(error.fault);
