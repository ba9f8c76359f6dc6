import {
  CopyObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { S3_MANAGED_KEYS } from '../../contract.ts';
import { CollectorError } from '../../errors.ts';
import type { VersionedObject } from '../state/versioned-object.ts';
import { CLIENT_LIMITS, callOptions } from './client-limits.ts';

interface Settings {
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  /** AES256 or the ARN of a KMS key, asked for at each write. Undefined: the default of the bucket. */
  readonly encryption?: string | undefined;
  /** Base URL of the S3 API; only tests and the local cluster set it. */
  readonly endpoint?: string;
}

/** Some 100,000 pods, compressed: a larger object is no state, and reading it would only cost memory. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * An object in S3, replaced by conditional writes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * Needs s3:GetObject and s3:PutObject on the key, s3:PutObject on `<key>.quarantine-*`, with a KMS key kms:GenerateDataKey
 * and kms:Decrypt on it, and s3:ListBucket on the bucket, without which S3 answers 403 instead of 404 while there is no object.
 */
export function s3Object({ region, bucket, key, encryption, endpoint }: Settings): VersionedObject {
  const client = new S3Client({ region, ...CLIENT_LIMITS, ...(endpoint !== undefined && { endpoint }) });
  const place = { Bucket: bucket, Key: key };
  const encrypted = encryptionOf(encryption);
  const name = `s3://${bucket}/${key}`;

  const failure = (verb: string, cause: unknown): CollectorError => {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const isMissingOrDenied = verb === 'read' && statusOf(cause) === 403;
    return new CollectorError('state-failed', `S3 did not ${verb} ${name}: ${reason.replace(/\.$/, '')}`, {
      cause,
      ...(isMissingOrDenied && {
        remedy: `Allow s3:ListBucket on ${bucket} (without it S3 answers 403 instead of 404 while there is no such object) and s3:GetObject on ${key}.`,
      }),
    });
  };

  return {
    name,

    async read(deadline) {
      try {
        const {
          Body,
          ContentLength = 0,
          ETag,
        } = await client.send(new GetObjectCommand(place), callOptions(deadline));
        if (!Body || ETag === undefined) throw new Error('an answer without a body or an ETag');
        if (ContentLength > MAX_BYTES) {
          await Body.transformToWebStream().cancel();
          return { version: ETag };
        }
        return { version: ETag, bytes: await Body.transformToByteArray() };
      } catch (cause) {
        if (cause instanceof NoSuchKey) return undefined;
        throw failure('read', cause);
      }
    },

    async replace(bytes, version, deadline) {
      const condition = version === undefined ? { IfNoneMatch: '*' } : { IfMatch: version };
      const command = new PutObjectCommand({
        ...place,
        ...condition,
        ...encrypted,
        Body: bytes,
        ContentType: 'application/gzip',
      });
      try {
        const { ETag } = await client.send(command, callOptions(deadline));
        if (ETag === undefined) throw new Error('an answer without an ETag');
        return ETag;
      } catch (cause) {
        if (isConflict(cause)) return undefined;
        throw failure('write', cause);
      }
    },

    async quarantine(version, time, deadline) {
      const copy = `${key}.quarantine-${new Date(time).toISOString()}`;
      const command = new CopyObjectCommand({
        Bucket: bucket,
        Key: copy,
        CopySource: encodeURIComponent(`${bucket}/${key}`),
        CopySourceIfMatch: version,
        ...encrypted,
      });
      try {
        await client.send(command, callOptions(deadline));
        return copy;
      } catch (cause) {
        if (isConflict(cause)) return undefined;
        throw failure('copy', cause);
      }
    },
  };
}

/**
 * Some organizations deny writes that do not ask for encryption. An explicit AES256 overrides a bucket's default of a KMS
 * key, so nothing is asked for unless the deployment says so.
 */
const encryptionOf = (encryption: string | undefined) => {
  if (encryption === undefined) return {};
  return encryption === S3_MANAGED_KEYS
    ? { ServerSideEncryption: 'AES256' as const }
    : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: encryption };
};

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** 412: another version is stored; 409: another write is in progress; NoSuchKey: the object no longer exists. */
const isConflict = (error: unknown): boolean =>
  [409, 412].includes(statusOf(error) ?? 0) ||
  (error instanceof S3ServiceException && error.name === 'NoSuchKey');
