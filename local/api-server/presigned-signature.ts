import { createHash, createHmac } from 'node:crypto';

interface PresignedRequest {
  readonly secretAccessKey: string;
  /** As X-Amz-Date has it. */
  readonly date: string;
  /** Day, region, service and `aws4_request`. */
  readonly scope: readonly string[];
  /** Of the query, decoded. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Names in lower case, in the order in which they are signed. */
  readonly signedHeaders: readonly string[];
  /** By name in lower case; what is not here counts as empty. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * The signature that AWS computes for a presigned GET of `/` without a body. Written from the description and
 * not with the SDK, so that the two check each other.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function presignedSignature(request: PresignedRequest): string {
  const { secretAccessKey, date, scope, parameters, signedHeaders, headers } = request;
  const query = parameters
    .filter(([name]) => name.toLowerCase() !== 'x-amz-signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const lines = signedHeaders.map((name) => `${name}:${(headers.get(name) ?? '').trim()}`);
  const canonical = ['GET', '/', query, ...lines, '', signedHeaders.join(';'), sha256('')].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, text).toString('hex');
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
