import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';

export interface S3 {
  readonly endpoint: string;
  /** The objects of the bucket by key; a test may read and change them. */
  readonly objects: Map<string, Uint8Array>;
  /** Every request that arrived, such as `PUT some/key`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface S3Options {
  /** The only bucket there is. */
  readonly bucket: string;
  /** Whether the caller may list it: without, a missing key is 403 instead of 404. Default true. */
  readonly mayList?: boolean;
  /** What goes wrong with a request, asked for each. */
  readonly disturb?: (request: { readonly method: string; readonly key: string }) => Disturbance | undefined;
}

/**
 * An error instead of the effect; no answer and no effect; the effect, but no answer; or an answer whose body
 * ends halfway, by a broken connection or by silence.
 */
export type Disturbance = Refusal | 'lost' | 'unanswered' | 'cut' | 'stalled';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

const SIGNATURE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/s3\/aws4_request, /;

/**
 * The part of S3's protocol on loopback that keeps an object: GET, PUT and COPY with their conditions, as
 * strict as S3. Addresses are path-style.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function startS3({ bucket, mayList = true, disturb }: S3Options): Promise<S3> {
  const objects = new Map<string, Uint8Array>();
  const requests: string[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, name, ...path] = pathname.split('/').map(decodeURIComponent);
    const [method, key] = [request.method ?? '', path.join('/')];
    const body = await buffer(request);
    requests.push(`${method} ${key}`);

    const disturbance = disturb?.({ method, key });
    if (disturbance === 'lost') return;
    if (typeof disturbance === 'object') return send(response, refused(disturbance));
    searchParams.delete('x-id');
    const answer =
      name !== bucket
        ? refused({ status: 404, code: 'NoSuchBucket', message: 'The specified bucket does not exist' })
        : searchParams.size > 0
          ? refused(NOT_IMPLEMENTED)
          : respond(method, key, request.headers, body);
    if (disturbance === 'unanswered') request.socket.destroy();
    else if (disturbance === undefined) send(response, answer);
    else sendHalf(response, answer, disturbance);
  }

  function respond(
    method: string,
    key: string,
    headers: IncomingMessage['headers'],
    body: Uint8Array,
  ): Answer {
    if (!SIGNATURE.test(headers.authorization ?? '')) return refused(ACCESS_DENIED);
    if (key === '' || Buffer.byteLength(key) > 1_024) return refused(KEY_TOO_LONG);
    if (method === 'GET') return get(key, headers);
    if (method !== 'PUT') return refused(NOT_IMPLEMENTED);
    const source = headers['x-amz-copy-source'];
    return source === undefined ? put(key, headers, body) : copy(key, headers, String(source));
  }

  function get(key: string, headers: IncomingMessage['headers']): Answer {
    const bytes = objects.get(key);
    if (!bytes) return refused(mayList ? NO_SUCH_KEY : ACCESS_DENIED);
    const checksum = headers['x-amz-checksum-mode'] === 'ENABLED' && {
      'x-amz-checksum-crc32': crc32Of(bytes),
    };
    return { status: 200, headers: { etag: etagOf(bytes), ...checksum }, body: bytes };
  }

  function put(key: string, headers: IncomingMessage['headers'], body: Uint8Array): Answer {
    const sent = headers['x-amz-checksum-crc32'];
    if (sent !== undefined && sent !== crc32Of(body)) return refused(BAD_DIGEST);
    if (headers['content-encoding']?.includes('aws-chunked')) return refused(NOT_IMPLEMENTED);
    const refusal = unmet(objects.get(key), headers['if-match'], headers['if-none-match']);
    if (refusal) return refused(refusal);
    objects.set(key, Uint8Array.from(body));
    return { status: 200, headers: { etag: etagOf(body) } };
  }

  function copy(key: string, headers: IncomingMessage['headers'], source: string): Answer {
    const [name, ...path] = decodeURIComponent(source).replace(/^\//, '').split('/');
    const bytes = name === bucket ? objects.get(path.join('/')) : undefined;
    if (!bytes) return refused(NO_SUCH_KEY);
    const condition = headers['x-amz-copy-source-if-match'];
    if (condition !== undefined && condition !== etagOf(bytes)) return refused(PRECONDITION_FAILED);
    objects.set(key, bytes);
    return { status: 200, body: `<CopyObjectResult><ETag>${etagOf(bytes)}</ETag></CopyObjectResult>` };
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const error = (status: number, code: string, message: string): Refusal => ({ status, code, message });
const NO_SUCH_KEY = error(404, 'NoSuchKey', 'The specified key does not exist.');
const ACCESS_DENIED = error(403, 'AccessDenied', 'Access Denied');
const KEY_TOO_LONG = error(400, 'KeyTooLongError', 'Your key is too long');
const BAD_DIGEST = error(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
const NOT_IMPLEMENTED = error(
  501,
  'NotImplemented',
  'A header or query you provided implies functionality that is not implemented.',
);
const PRECONDITION_FAILED = error(
  412,
  'PreconditionFailed',
  'At least one of the pre-conditions you specified did not hold',
);

/** Why a conditional PUT over `present` is refused. */
function unmet(present: Uint8Array | undefined, ifMatch?: string, ifNoneMatch?: string): Refusal | undefined {
  if (ifMatch !== undefined && ifNoneMatch !== undefined) return NOT_IMPLEMENTED;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') return NOT_IMPLEMENTED;
  if (ifNoneMatch !== undefined) return present && PRECONDITION_FAILED;
  if (ifMatch === undefined) return undefined;
  if (!present) return NO_SUCH_KEY;
  return ifMatch === '*' || ifMatch === etagOf(present) ? undefined : PRECONDITION_FAILED;
}

/** Of an object in one part, encrypted by S3 itself or not at all: the MD5 of its bytes. */
const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function crc32Of(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString('base64');
}

const refused = ({ status, code, message }: Refusal): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

function send(response: ServerResponse, { status, headers, body = '' }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function sendHalf(
  response: ServerResponse,
  { status, headers, body = '' }: Answer,
  end: 'cut' | 'stalled',
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (end === 'cut') response.socket?.destroy();
  });
}
