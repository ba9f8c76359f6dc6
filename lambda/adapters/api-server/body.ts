import type { IncomingHttpHeaders } from 'node:http';
import { type Gunzip, gunzipSync } from 'node:zlib';
import { codeOf, messageOf } from './system-error.ts';
import { TransportError } from './transport.ts';

/** zlib takes no less. */
const LEAST_CHUNK = 64;

/** Gathers one body, however it arrives, and gives it whole or not at all. */
export class Body {
  readonly #chunks: Uint8Array[] = [];
  readonly #maxBytes: number;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws TransportError `too-large` */
  add(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) throw this.#tooLarge();
    this.#chunks.push(chunk);
  }

  /** The plain bytes of the ended body. @throws TransportError `lost`, `too-large` or `malformed` */
  decode(headers: IncomingHttpHeaders): Uint8Array {
    const announced = headers['content-length'];
    // A server may end a stream early without an error; HTTP/2 then checks nothing.
    if (announced !== undefined && Number(announced) !== this.#size)
      throw new TransportError('cut', `the answer ended after ${this.#size} of ${announced} bytes`);
    // The stream that has brought them may hold this object until the next full collection.
    const body = Buffer.concat(this.#chunks.splice(0));
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding === 'identity') return body;
    if (encoding !== 'gzip')
      throw new TransportError('malformed', `the answer has the content-encoding ${encoding}, not gzip`);
    try {
      return inflate(body, this.#maxBytes);
    } catch (cause) {
      if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw this.#tooLarge();
      throw new TransportError('malformed', `the answer does not decompress: ${messageOf(cause)}`, cause);
    }
  }

  #tooLarge(): TransportError {
    return new TransportError('too-large', `the answer is larger than ${this.#maxBytes} bytes`);
  }
}

/** At once: a round trip to a worker thread would cost more than the 30 KB of a pod do. */
function inflate(gzip: Buffer, maxBytes: number): Buffer {
  // What `info` adds to the result; the types do not know it.
  const { buffer, engine }: Inflated = gunzipSync(gzip, {
    maxOutputLength: maxBytes,
    chunkSize: plainSize(gzip, maxBytes),
    info: true,
  }) as unknown as Inflated;
  // Only a full collection frees an engine, since V8 takes its native handle for a root in all others. It must not
  // hold the text for so long: of 5,000 pods that is 60 MB.
  engine._outBuffer = null;
  return buffer;
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: Gunzip & { _outBuffer: Buffer | null };
}

/**
 * Room for the plain text in one piece, from the length that ends a gzip stream (RFC 1952). It is only a hint: in
 * pieces of the default size an answer would leave twice as much garbage.
 */
function plainSize(gzip: Buffer, maxBytes: number): number {
  const told = gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4);
  return Math.max(LEAST_CHUNK, Math.min(told + 1, maxBytes));
}
