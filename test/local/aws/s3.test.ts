import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type S3Right, startS3 } from '../../../local/aws/s3.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const RIGHTS: S3Right[] = ['s3:GetObject', 's3:PutObject', 's3:ListBucket'];
const endpoint = await startS3(ACCOUNT, 'states');
const client = new S3Client({
  region: ACCOUNT.region,
  credentials: KEY,
  endpoint: endpoint.url,
  maxAttempts: 1,
});

afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.objects.clear();
  endpoint.objects.set('a', Buffer.from('one'));
  for (const right of RIGHTS) endpoint.rights.add(right);
});

/** MD5 of `one`, as S3 quotes it. */
const ETAG = '"f97c5d29941bfb1b2fdab0874906ab82"';
const put = (input: Partial<PutObjectCommandInput>) =>
  client.send(new PutObjectCommand({ Bucket: 'states', Key: 'a', Body: 'two', ...input }));
const get = (Key: string, Bucket = 'states') => client.send(new GetObjectCommand({ Bucket, Key }));
const copy = (CopySource: string, more = {}) =>
  client.send(new CopyObjectCommand({ Bucket: 'states', Key: 'copy of a', CopySource, ...more }));
const without = (right: S3Right, work: () => Promise<unknown>) => () => {
  endpoint.rights.delete(right);
  return work();
};

test('stores an object, with an ETag of its content', async () => {
  const { ETag } = await put({ Key: 'b/c d.gz', Body: 'one', IfNoneMatch: '*' });
  expect(ETag).toBe(ETAG);
  const answer = await get('b/c d.gz');
  expect([answer.ETag, await answer.Body?.transformToString()]).toEqual([ETAG, 'one']);
});

test('replaces what If-Match names, and copies', async () => {
  await put({ IfMatch: ETAG });
  expect(Buffer.from(endpoint.objects.get('a') ?? []).toString()).toBe('two');
  await copy('states/a');
  expect(endpoint.objects.get('copy of a')).toEqual(endpoint.objects.get('a'));
});

test.each([
  ['a missing key', () => get('b'), 404, 'NoSuchKey'],
  ['a missing key without the right to list', without('s3:ListBucket', () => get('b')), 403, 'AccessDenied'],
  ['reading without the right', without('s3:GetObject', () => get('a')), 403, 'AccessDenied'],
  ['writing without the right', without('s3:PutObject', () => put({})), 403, 'AccessDenied'],
  ['another bucket', () => get('a', 'another'), 404, 'NoSuchBucket'],
  ['If-None-Match over an object', () => put({ IfNoneMatch: '*' }), 412, 'PreconditionFailed'],
  ['If-Match of another content', () => put({ IfMatch: '"0"' }), 412, 'PreconditionFailed'],
  ['If-Match of a missing key', () => put({ Key: 'b', IfMatch: ETAG }), 404, 'NoSuchKey'],
  ['If-None-Match of an ETag', () => put({ IfNoneMatch: ETAG }), 501, 'NotImplemented'],
  ['both conditions', () => put({ IfNoneMatch: '*', IfMatch: ETAG }), 501, 'NotImplemented'],
  ['a checksum of something else', () => put({ ChecksumCRC32: 'AAAAAA==' }), 400, 'BadDigest'],
  ['a key of 1,025 bytes', () => put({ Key: 'k'.repeat(1025) }), 400, 'KeyTooLongError'],
  ['a copy of nothing', () => copy('states/b'), 404, 'NoSuchKey'],
  [
    'a copy of another content',
    () => copy('states/a', { CopySourceIfMatch: '"0"' }),
    412,
    'PreconditionFailed',
  ],
  [
    'another operation',
    () => client.send(new DeleteObjectCommand({ Bucket: 'states', Key: 'a' })),
    501,
    'NotImplemented',
  ],
])('%s is refused, and nothing changes', async (_, work, status, code) => {
  const error = await work().catch((reason: unknown) => reason);
  expect(error instanceof S3ServiceException && [error.$metadata.httpStatusCode, error.name]).toEqual([
    status,
    code,
  ]);
  expect([...endpoint.objects]).toEqual([['a', Buffer.from('one')]]);
});
