import { Hash } from '@smithy/hash-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../deadline.ts';
import { messageOf } from '../../domain/error-message.ts';
import { partitionOf } from '../../domain/partitions.ts';
import { rememberSecret } from '../../domain/redact.ts';
import { CollectorError } from '../../errors.ts';
import type { BearerCredentials } from '../api-server/credentials.ts';

/** The part of what the AWS SDK's credential providers resolve to that signing needs. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface EksTokenOptions {
  readonly clusterName: string;
  /** The cluster's region: the control plane asks its STS. */
  readonly region: string;
  /** Called before every use, so it should cache its result, as those of the AWS SDK do. */
  readonly credentials: () => Promise<AwsCredentials>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * The control plane accepts a token for 15 minutes after its signing, whatever X-Amz-Expires says; its own client
 * relies on 14.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
 */
const LIFE_MS = 14 * 60_000;
/** A token must outlive the cycle that starts with it. */
const MARGIN_MS = 60_000;
/** Ignored by STS; authenticators up to 0.3.0 want 0 to 60. */
const EXPIRES_SECONDS = 60;

/**
 * Bearer credentials for an EKS cluster: a presigned STS GetCallerIdentity that the control plane forwards. It is signed
 * here, without any request, and kept until a minute before its end or until the AWS credentials change.
 */
export function eksToken(options: EksTokenOptions): BearerCredentials {
  const { credentials, clock } = options;
  let held: { header: string; identity: string; until: number } | undefined;
  let making: Promise<string> | undefined;

  const identity = async (): Promise<AwsCredentials> => {
    try {
      const known = await credentials();
      rememberSecret(known.secretAccessKey);
      rememberSecret(known.sessionToken);
      return known;
    } catch (cause) {
      throw new CollectorError('credentials-missing', `no AWS credentials: ${messageOf(cause)}`, { cause });
    }
  };

  const make = async (): Promise<string> => {
    const signer = await identity();
    const now = clock.now();
    const header = `Bearer ${await sign(signer, now, options)}`;
    held = { header, identity: keyOf(signer), until: now + LIFE_MS - MARGIN_MS };
    return header;
  };

  /** Concurrent callers share one new token. */
  const renewed = (): Promise<string> => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };

  return {
    kind: 'bearer',
    async authorization() {
      const current = keyOf(await identity());
      if (held?.identity === current && clock.now() < held.until) return held.header;
      return renewed();
    },
    async renew(rejected) {
      return held && held.header !== rejected ? held.header : renewed();
    },
  };
}

async function sign(
  credentials: AwsCredentials,
  now: number,
  { clusterName, region }: EksTokenOptions,
): Promise<string> {
  const hostname = `sts.${region}.${partitionOf(region)?.dnsSuffix ?? 'amazonaws.com'}`;
  const signer = new SignatureV4({ credentials, region, service: 'sts', sha256: Hash.bind(null, 'sha256') });
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      // Restricts the token to one cluster.
      headers: { host: hostname, 'x-k8s-aws-id': clusterName },
    },
    { signingDate: new Date(now), expiresIn: EXPIRES_SECONDS },
  );
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) parameters.set(name, String(value));
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${parameters}`).toString('base64url')}`;
}

const keyOf = ({ accessKeyId, sessionToken = '' }: AwsCredentials) => `${accessKeyId} ${sessionToken}`;
