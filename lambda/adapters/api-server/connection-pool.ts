import { type Line, type Request, type Transport, TransportError } from './transport.ts';

/** More than any sensible concurrency needs over HTTP/2; over HTTP/1.1 it is the concurrency. */
const MAX_LINES = 100;
/** Expected of a connection until the first has told its own. */
const USUAL_CAPACITY = 100;
/**
 * After such a silence a connection is checked before it is used: a frozen function does not hear of its end.
 * By the wall clock, since the other may stand still meanwhile.
 */
const QUIET_MS = 5000;

interface Waiting {
  start(line: Line): Promise<unknown>;
  fail(error: unknown): void;
}

interface Use {
  active: number;
  /** Epoch milliseconds of the last end of a request. */
  usedAt: number;
}

/** As many connections as the requests at hand need, kept for the next ones. */
export class Pool implements Transport {
  readonly #open: (ended: () => void) => Promise<Line>;
  readonly #lines = new Map<Line, Use>();
  readonly #queue = new Set<Waiting>();
  #coming = 0;
  #closed = false;
  #capacity = USUAL_CAPACITY;

  /** @param open connects; calls `ended` when the connection has ended */
  constructor(open: (ended: () => void) => Promise<Line>) {
    this.#open = open;
  }

  get<T>(request: Request<T>): Promise<T> {
    const { limits } = request;
    const deadline = performance.now() + limits.budgetMs;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const waiting: Waiting = {
        start: (line) => {
          clearTimeout(timer);
          const budgetMs = deadline - performance.now();
          const result = line.get({ ...request, limits: { ...limits, budgetMs } });
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
      timer = setTimeout(() => {
        this.#queue.delete(waiting);
        reject(this.#noLine());
      }, limits.budgetMs);
    });
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines.keys()) line.close();
    this.#lines.clear();
    this.#failAll(new TransportError('lost', 'closed by this program'));
  }

  /** Gives the waiting requests to connections, and opens further ones for those that are left. */
  #serve(): void {
    for (const [line, use] of this.#lines) {
      if (this.#queue.size === 0) return;
      if (line.capacity === 0) this.#lines.delete(line);
      else if (use.active === 0 && Date.now() - use.usedAt > QUIET_MS) this.#check(line);
      else this.#load(line, use);
    }
    while (this.#queue.size > this.#coming * this.#capacity && this.#lines.size + this.#coming < MAX_LINES)
      this.#expect(this.#open(() => this.#serve()));
  }

  #load(line: Line, use: Use): void {
    for (const waiting of this.#queue) {
      if (use.active >= line.capacity) return;
      this.#queue.delete(waiting);
      use.active += 1;
      const done = () => {
        use.active -= 1;
        use.usedAt = Date.now();
        this.#serve();
      };
      waiting.start(line).then(done, done);
    }
  }

  #check(line: Line): void {
    this.#lines.delete(line);
    const checked = async () => {
      if ((await line.alive()) && line.capacity > 0) return line;
      line.close();
      return undefined;
    };
    this.#expect(checked());
  }

  /** Takes in a connection that is being opened or checked; undefined if it was found dead. */
  async #expect(coming: Promise<Line | undefined>): Promise<void> {
    this.#coming += 1;
    const arriving = coming.finally(() => {
      this.#coming -= 1;
    });
    try {
      const line = await arriving;
      if (line) this.#add(line);
      this.#serve();
    } catch (error) {
      // Where others are there or on their way, those will serve.
      if (this.#lines.size === 0 && this.#coming === 0) this.#failAll(error);
    }
  }

  #add(line: Line): void {
    if (this.#closed) {
      line.close();
      return;
    }
    if (line.capacity === 0) throw new TransportError('unreachable', 'the server takes no requests');
    this.#capacity = line.capacity;
    this.#lines.set(line, { active: 0, usedAt: Date.now() });
  }

  #failAll(error: unknown): void {
    for (const waiting of this.#queue) waiting.fail(error);
    this.#queue.clear();
  }

  #noLine(): TransportError {
    return this.#lines.size > 0
      ? new TransportError('timeout', 'no free connection in time')
      : new TransportError('unreachable', 'no connection in time: DNS, TCP or TLS did not get done');
  }
}
