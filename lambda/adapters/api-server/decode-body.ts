import { type Gunzip, gunzipSync } from 'node:zlib';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { quoted } from '../../domain/evidence.ts';
import { type Answer, MAX_REPEATED_BYTES, TransportError } from './transport.ts';

/** The default of zlib. The trailer can claim less than there is: then each piece costs time of its own. */
const MIN_CHUNK = 16 * 1024;
/** Text of metrics is 6 to 13 times as large as its gzip form: a trailer that claims much more is not believed. */
const MAX_RATIO = 64;
/**
 * Text of metrics is 6 times as large as its gzip form, even if each line names another request. A gzip need not contain
 * text: 16 MB of empty blocks, each with Huffman codes of its own, take more than a second to inflate.
 */
const MIN_RATIO = 4;

/**
 * The plain bytes of an ended body.
 * @param maxBytes after decompression
 * @throws TransportError `cut`, `too-large` or `malformed`
 */
export function decodeBody(
  sent: Buffer,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
  maxBytes: number,
): Uint8Array {
  const announced = headers['content-length'];
  // A server may end a stream early without an error; HTTP/2 then checks nothing.
  if (announced !== undefined && Number(announced) !== sent.length)
    throw new TransportError('cut', `the answer ended after ${sent.length} of ${announced} bytes`);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return sent;
  if (encoding !== 'gzip')
    throw new TransportError(
      'malformed',
      `the answer has the content-encoding ${quoted(encoding)}, not gzip`,
    );
  const maxSent = status === 200 ? maxBytes / MIN_RATIO : MAX_REPEATED_BYTES;
  if (sent.length > maxSent)
    throw new TransportError('too-large', `the answer is larger than ${maxSent} bytes, compressed`);
  try {
    return inflate(sent, maxBytes);
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new TransportError('malformed', `the answer does not decompress: ${messageOf(cause)}`, cause);
  }
}

export const tooLarge = (maxBytes: number) =>
  new TransportError('too-large', `the answer is larger than ${maxBytes} bytes`);

/**
 * Synchronous: a round trip to a worker thread would cost more than the 30 KB of a pod do, and only one body at a time is
 * in memory as plain text.
 */
function inflate(gzip: Buffer, maxBytes: number): Buffer {
  // `info` adds the engine to the result; the types do not have it.
  const inflated: unknown = gunzipSync(gzip, {
    maxOutputLength: maxBytes,
    chunkSize: plainSize(gzip, maxBytes),
    info: true,
  });
  if (!isInflated(inflated)) throw new Error('node:zlib did not return its engine with the text');
  const { buffer, engine } = inflated;
  // Only a full garbage collection frees an engine, because its native handle is a root in minor ones. Until then it
  // would hold the text: 60 MB for 5,000 pods.
  engine._outBuffer = null;
  return buffer;
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: Gunzip & { _outBuffer: Buffer | null };
}

const isInflated = (result: unknown): result is Inflated =>
  typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;

/**
 * The size of the plain text, from the length at the end of a gzip stream (RFC 1952), so that it is inflated in one
 * piece: pieces of the default size leave twice as much garbage. It is only a hint.
 */
function plainSize(gzip: Buffer, maxBytes: number): number {
  const claimed = gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4);
  return Math.max(MIN_CHUNK, Math.min(claimed + 1, maxBytes, gzip.length * MAX_RATIO));
}
