import type { IncomingHttpHeaders } from 'node:http';
import { decodeBody, tooLarge } from './decode-body.ts';
import { type Request, TransportError } from './transport.ts';

/** All answers under way may hold so much of a function's memory; those of ipamd are some 5 KB while compressed. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** An answer up to this size arrives even if others have taken that memory. */
const SMALL_BYTES = 256 * 1024;
/** What a piece of a body takes besides its bytes, measured. */
const PIECE_BYTES = 512;
/** Servers send pieces of some KB. More than so many of a body, each this small, would cost seconds of processor time. */
const MAX_SMALL_PIECES = 1_024;
const SMALL_PIECE_BYTES = 256;
/** As many interim answers (1xx) as Go's client accepted up to 1.22.
 * https://github.com/golang/go/blob/go1.22.0/src/net/http/transport.go */
const MAX_INTERIM = 5;

/** One answer under way. Gathers its body within the limits of the request, and settles once. */
export class PendingAnswer<T> {
  /** @throws TransportError, or what `read` of the request throws */
  readonly result: Promise<T>;
  readonly #request: Request<T>;
  readonly #cancel: () => void;
  readonly #resolve: (result: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #pieces = 0;
  #interim = 0;
  #settled = false;

  /** @param cancel tells the server that nobody waits for the answer any more */
  constructor(request: Request<T>, cancel: () => void) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#request = request;
    this.#cancel = cancel;
    // After a moment in which this process stood still, what has arrived meanwhile is taken first.
    const giveUp = () => setImmediate(() => this.#giveUp(this.#timeout()));
    this.#timer = request.deadline.whenPassed(giveUp);
  }

  /** Takes the next bytes of the body, as they are sent. */
  add(chunk: Uint8Array): void {
    if (this.#settled) return;
    const { memory, maxBytes } = this.#request;
    this.#size += chunk.length;
    memory.bytes += chunk.length + PIECE_BYTES;
    this.#chunks.push(chunk);
    this.#pieces += 1;
    if (this.#size > maxBytes) this.#giveUp(tooLarge(maxBytes));
    else if (this.#pieces > MAX_SMALL_PIECES && this.#size < this.#pieces * SMALL_PIECE_BYTES)
      this.#giveUp(
        new TransportError('malformed', `${this.#size} bytes of the answer came in ${this.#pieces} pieces`),
      );
    else if (this.#size > SMALL_BYTES && memory.bytes > MEMORY_BYTES)
      this.#giveUp(
        new TransportError(
          'no-memory',
          `${this.#size} bytes have arrived, and no memory is left beside other answers`,
        ),
      );
  }

  /** An interim answer (1xx) has come, of which a server can send any number. */
  interim(): void {
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM)
      this.#giveUp(
        new TransportError('malformed', `more than ${MAX_INTERIM} interim answers came before the answer`),
      );
  }

  /** The body has ended as it should. */
  complete(status: number, headers: IncomingHttpHeaders): void {
    if (this.#settled) return;
    try {
      // The stream that has brought them may hold this object until the next full collection, so it lets go of them.
      const sent = Buffer.concat(this.#chunks.splice(0));
      const body = decodeBody(sent, { status, headers }, this.#request.maxBytes);
      this.#resolve(this.#request.read({ status, headers, body }));
      this.#end();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    if (this.#settled) return;
    if (error instanceof TransportError) error.receivedBytes = this.#size;
    this.#reject(error);
    this.#end();
  }

  #giveUp(error: TransportError): void {
    if (this.#settled) return;
    this.fail(error);
    this.#cancel();
  }

  #end(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#chunks.length = 0;
    this.#request.memory.bytes -= this.#size + this.#pieces * PIECE_BYTES;
  }

  #timeout(): TransportError {
    const arrived = this.#size === 0 ? 'nothing of it has' : `${this.#size} bytes have`;
    return new TransportError('timeout', `no complete answer in time, ${arrived} arrived`);
  }
}
