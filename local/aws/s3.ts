import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import {
  type AwsAccount,
  type AwsAnswer,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  type AwsRequest,
  startAwsEndpoint,
} from './endpoint.ts';
import { document, element } from './xml.ts';

/** The part of S3 that keeps an object: GetObject, PutObject and CopyObject with their conditions. */
export interface S3Endpoint extends AwsEndpoint {
  /** The objects of the bucket by key; to look into and to change. */
  readonly objects: Map<string, Uint8Array>;
  /** What IAM allows; changed at any time. Without s3:ListBucket a missing key is 403 instead of 404. */
  readonly rights: Set<S3Right>;
}

export type S3Right = 's3:GetObject' | 's3:PutObject' | 's3:ListBucket';

const MAX_KEY_BYTES = 1024;

/**
 * Starts it with one bucket, addressed in the path.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function startS3(account: AwsAccount, bucket: string): Promise<S3Endpoint> {
  const objects = new Map<string, Uint8Array>();
  const rights = new Set<S3Right>(['s3:GetObject', 's3:PutObject', 's3:ListBucket']);

  const demand = (right: S3Right) => {
    if (!rights.has(right)) throw new AwsRefusal('AccessDenied', `not authorized to perform: ${right}`, 403);
  };
  const find = (key: string): Uint8Array => {
    demand('s3:GetObject');
    const bytes = objects.get(key);
    if (bytes) return bytes;
    demand('s3:ListBucket');
    throw new AwsRefusal('NoSuchKey', 'The specified key does not exist.', 404);
  };
  const get = (key: string, { headers }: AwsRequest): AwsAnswer => {
    const bytes = find(key);
    const checksum = headers['x-amz-checksum-mode'] === 'ENABLED' && {
      'x-amz-checksum-crc32': crc32Of(bytes),
    };
    return { status: 200, headers: { etag: etagOf(bytes), ...checksum }, body: Buffer.from(bytes) };
  };
  const put = (key: string, { headers, body }: AwsRequest): AwsAnswer => {
    demand('s3:PutObject');
    const sent = headers['x-amz-checksum-crc32'];
    if (sent !== undefined && sent !== crc32Of(body)) {
      throw new AwsRefusal('BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
    }
    if (headers['content-encoding']?.includes('aws-chunked')) throw notImplemented();
    checkConditions(headers, objects.get(key), () => find(key));
    objects.set(key, Uint8Array.from(body));
    return { status: 200, headers: { etag: etagOf(body) } };
  };
  const copy = (key: string, source: string, headers: IncomingHttpHeaders): AwsAnswer => {
    const bytes = find(keyOf(source, bucket));
    demand('s3:PutObject');
    const condition = headers['x-amz-copy-source-if-match'];
    if (condition !== undefined && condition !== etagOf(bytes)) throw preconditionFailed();
    objects.set(key, bytes);
    return { status: 200, body: document(element('CopyObjectResult', { ETag: etagOf(bytes) })) };
  };

  const endpoint = await startAwsEndpoint(
    {
      signingName: 's3',
      unknownKey: 'InvalidAccessKeyId',
      render,
      serve(request) {
        const { method, path, query, headers } = request;
        const key = keyOf(path, bucket);
        const unknown = [...query.keys()].some((name) => name !== 'x-id');
        const source = headers['x-amz-copy-source'];
        if (key === '' || unknown || !['GET', 'PUT'].includes(method)) throw notImplemented();
        if (method === 'GET') return get(key, request);
        return source === undefined ? put(key, request) : copy(key, String(source), headers);
      },
    },
    account,
  );
  return { ...endpoint, objects, rights };
}

/** @param path `/bucket/key`, or a copy's source: the same without the first slash; URL-encoded */
function keyOf(path: string, bucket: string): string {
  const [, name = '', key = ''] = /^\/?([^/]+)(?:\/(.*))?$/.exec(decodeURIComponent(path)) ?? [];
  if (name !== bucket) throw new AwsRefusal('NoSuchBucket', 'The specified bucket does not exist', 404);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsRefusal('KeyTooLongError', 'Your key is too long');
  return key;
}

/** @param find the object that If-Match needs, or the refusal to show it */
function checkConditions(
  { 'if-match': match, 'if-none-match': noneMatch }: IncomingHttpHeaders,
  present: Uint8Array | undefined,
  find: () => Uint8Array,
): void {
  if (noneMatch !== undefined && (match !== undefined || noneMatch !== '*')) throw notImplemented();
  if (noneMatch !== undefined && present) throw preconditionFailed();
  if (match !== undefined && match !== etagOf(find())) throw preconditionFailed();
}

const preconditionFailed = () =>
  new AwsRefusal('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
const notImplemented = () =>
  new AwsRefusal(
    'NotImplemented',
    'A header or query you provided implies functionality that is not implemented.',
    501,
  );

/** Of an object in one part, encrypted by S3 itself or not at all: the MD5 of its bytes. */
const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function crc32Of(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString('base64');
}

const render = ({ status, code, message }: AwsError): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: document(element('Error', { Code: code, Message: message })),
});
