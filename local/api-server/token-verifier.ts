import { presignedSignature } from './presigned-signature.ts';

/**
 * Judges an EKS bearer token as the control plane does: the rules of aws-iam-authenticator, then those of
 * STS, which checks the signature. Written from their rules and not from the token maker's code, so that the
 * two check each other.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
 */

export interface VerifierOptions {
  readonly clusterName: string;
  /** The cluster's region; tokens signed for another region of its partition are good too. */
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What IAM knows of an access key; undefined where there is no such key. */
  secretFor(accessKeyId: string): KnownKey | undefined;
}

export interface KnownKey {
  readonly secretAccessKey: string;
  /** Present for temporary credentials: the token must then carry the same. */
  readonly sessionToken?: string;
}

type Verdict =
  | { readonly ok: true; readonly accessKeyId: string }
  | { readonly ok: false; readonly reason: string };

const PREFIX = 'k8s-aws-v1.';
const MAX_TOKEN_BYTES = 4096;
const LIFE_MS = 15 * 60_000;
/** How far ahead of its own clock AWS lets a request's date be. */
const CLOCK_SKEW_MS = 5 * 60_000;

const ALLOWED_PARAMETERS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/** Longest prefix first. https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/endpoints/partitions.go */
const PARTITIONS = [
  { id: 'aws-cn', regions: /^cn-/, domains: ['amazonaws.com.cn', 'api.amazonwebservices.com.cn'] },
  { id: 'aws-us-gov', regions: /^us-gov-/, domains: ['amazonaws.com', 'api.aws'] },
  { id: 'aws-iso', regions: /^us-iso-/, domains: ['c2s.ic.gov'] },
  { id: 'aws-iso-b', regions: /^us-isob-/, domains: ['sc2s.sgov.gov'] },
  { id: 'aws-iso-e', regions: /^eu-isoe-/, domains: ['cloud.adc-e.uk'] },
  { id: 'aws-iso-f', regions: /^(us|eu)-isof-/, domains: ['csp.hci.ic.gov'] },
  { id: 'aws-eusc', regions: /^eusc-/, domains: ['amazonaws.eu', 'api.amazonwebservices.eu'] },
  { id: 'aws', regions: /^/, domains: ['amazonaws.com', 'api.aws'] },
] as const;

const partitionOf = (region: string) => PARTITIONS.find(({ regions }) => regions.test(region));

export function verifyToken(token: string, options: VerifierOptions): Verdict {
  try {
    return { ok: true, accessKeyId: accessKeyOf(token, options) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

class Refusal extends Error {}

function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason);
}

function accessKeyOf(token: string, { clusterName, region, now, secretFor }: VerifierOptions): string {
  demand(Buffer.byteLength(token) <= MAX_TOKEN_BYTES, 'token is too large');
  demand(token.startsWith(PREFIX), `token is missing expected prefix ${PREFIX}`);
  const encoded = token.slice(PREFIX.length);
  demand(/^[A-Za-z0-9_-]*$/.test(encoded), 'token is not unpadded base64url');

  const url = Buffer.from(encoded, 'base64url').toString('utf8');
  const [, authority, path, query] = /^https:\/\/([^/?#]*)(\/[^?#]*|)\?([^#]*)(?:#.*)?$/.exec(url) ?? [];
  const host = authority?.slice(authority.lastIndexOf('@') + 1);
  demand(
    host !== undefined && path !== undefined && query !== undefined,
    'token is no https URL with a query',
  );
  const stsRegion = regionOf(host, region);
  demand(path === '/', 'unexpected path in pre-signed URL');
  const parameters = parametersOf(query);
  const value = (name: string) => [...parameters].find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

  demand(value('action') === 'GetCallerIdentity', 'unexpected action parameter in pre-signed URL');
  demand(value('version') === '2011-06-15', 'unexpected version parameter in pre-signed URL');
  const signedHeaders = value('x-amz-signedheaders').split(';');
  demand(signedHeaders.includes('x-k8s-aws-id'), 'client did not sign the x-k8s-aws-id header');
  demand(signedHeaders.includes('host'), 'client did not sign the host header');
  const expires = value('x-amz-expires');
  demand(/^\d+$/.test(expires) && Number(expires) <= 900, `invalid X-Amz-Expires parameter ${expires}`);
  const date = value('x-amz-date');
  const signedAt = timeOf(date);
  demand(now <= signedAt + LIFE_MS, 'X-Amz-Date parameter is expired');
  demand(signedAt <= now + CLOCK_SKEW_MS, 'signature is not yet current');

  const [accessKeyId = '', ...scope] = value('x-amz-credential').split('/');
  demand(
    scope.join('/') === `${date.slice(0, 8)}/${stsRegion}/sts/aws4_request`,
    `unexpected credential scope ${scope.join('/')}`,
  );
  const known = secretFor(accessKeyId);
  demand(known !== undefined, 'the security token included in the request is invalid');
  demand(
    value('x-amz-security-token') === (known.sessionToken ?? ''),
    'the security token included in the request is invalid',
  );
  demand(value('x-amz-algorithm') === 'AWS4-HMAC-SHA256', 'unsupported signature algorithm');
  const signature = presignedSignature({
    secretAccessKey: known.secretAccessKey,
    date,
    scope,
    parameters: [...parameters],
    signedHeaders,
    headers: new Map([
      ['host', host],
      ['x-k8s-aws-id', clusterName],
      ['accept', 'application/json'],
    ]),
  });
  demand(value('x-amz-signature') === signature, 'the signature does not match');
  return accessKeyId;
}

/** The region of an STS host of the cluster's partition. */
function regionOf(host: string, clusterRegion: string): string {
  const partition = partitionOf(clusterRegion);
  if (host === 'sts.amazonaws.com') {
    demand(partition?.id === 'aws', `global endpoint unsupported in partition ${partition?.id}`);
    return 'us-east-1';
  }
  const [, region = '', domain = ''] =
    /^sts(?:-fips)?\.([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.(.+)$/.exec(host) ?? [];
  demand(
    partitionOf(region) === partition && partition?.domains.some((known) => known === domain) === true,
    `unexpected hostname ${host} in pre-signed URL`,
  );
  return region;
}

function parametersOf(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const seen = new Set<string>();
  for (const pair of query.split('&')) {
    const [, key = '', value = ''] = /^([^=;]+)=([^;]*)$/.exec(pair) ?? [];
    const name = decode(key);
    demand(ALLOWED_PARAMETERS.has(name.toLowerCase()), `non-whitelisted query parameter "${name}"`);
    demand(!seen.has(name.toLowerCase()), `duplicate query parameter found: "${name}"`);
    seen.add(name.toLowerCase());
    parameters.set(name, decode(value));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Refusal('malformed query parameter');
  }
}

function timeOf(date: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  demand(!Number.isNaN(time), `malformed X-Amz-Date parameter "${date}"`);
  return time;
}
