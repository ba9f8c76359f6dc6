import { expect, test } from 'vitest';
import { eksToken } from '../../../lambda/adapters/aws/eks-token.ts';
import { type VerifierOptions, verifyToken } from '../../../local/api-server/token-verifier.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const KEY = {
  accessKeyId: 'ASIAEXAMPLE000000001',
  secretAccessKey: 'secret',
  sessionToken: 'session/+=',
};
const OPTIONS: VerifierOptions = {
  clusterName: 'blue',
  region: 'eu-central-1',
  now: NOW,
  secretFor: (accessKeyId) => (accessKeyId === KEY.accessKeyId ? KEY : undefined),
};

const header = await eksToken({
  clusterName: 'blue',
  region: 'eu-central-1',
  credentials: async () => KEY,
  clock: { now: () => NOW },
}).authorization();
const url = Buffer.from(header.slice('Bearer k8s-aws-v1.'.length), 'base64url').toString();

const tokenOf = (text: string) => `k8s-aws-v1.${Buffer.from(text).toString('base64url')}`;

/** The good URL with one parameter set, or removed. */
function changed(name: string, value?: string): string {
  const copy = new URL(url);
  if (value === undefined) copy.searchParams.delete(name);
  else copy.searchParams.set(name, value);
  return tokenOf(copy.href);
}

test('accepts what the signer made', () => {
  expect(verifyToken(tokenOf(url), OPTIONS)).toEqual({ ok: true, accessKeyId: KEY.accessKeyId });
});

test.each([
  ['a user', () => url.replace('https://', 'https://a@')],
  ['a fragment', () => `${url}#x`],
])('accepts %s in the URL, which aws-iam-authenticator does not look at', (_, text) => {
  expect(verifyToken(tokenOf(text()), OPTIONS).ok).toBe(true);
});

test.each<[string, () => string, string]>([
  ['no prefix', () => tokenOf(url).slice(1), 'token is missing expected prefix k8s-aws-v1.'],
  ['more than 4096 bytes', () => tokenOf(`${url}${'x'.repeat(4096)}`), 'token is too large'],
  ['padding', () => `${tokenOf(url)}=`, 'token is not unpadded base64url'],
  ['plain base64', () => `${tokenOf(url)}+/`, 'token is not unpadded base64url'],
  ['http', () => tokenOf(url.replace('https', 'http')), 'token is no https URL with a query'],
  ['a path', () => tokenOf(url.replace('/?', '/x?')), 'unexpected path in pre-signed URL'],
  ['no path', () => tokenOf(url.replace('/?', '?')), 'unexpected path in pre-signed URL'],
  [
    'a foreign host',
    () => tokenOf(url.replace('amazonaws.com', 'example.com')),
    'unexpected hostname sts.eu-central-1.example.com in pre-signed URL',
  ],
  [
    'an upper-case host',
    () => tokenOf(url.replace('sts.', 'STS.')),
    'unexpected hostname STS.eu-central-1.amazonaws.com in pre-signed URL',
  ],
  [
    "another partition's region",
    () => tokenOf(url.replace('sts.eu-central-1.amazonaws.com', 'sts.cn-north-1.amazonaws.com.cn')),
    'unexpected hostname sts.cn-north-1.amazonaws.com.cn in pre-signed URL',
  ],
  [
    'a parameter outside the list',
    () => changed('X-Amz-Content-Sha256', 'x'),
    'non-whitelisted query parameter "X-Amz-Content-Sha256"',
  ],
  [
    'a parameter twice in other letters',
    () => tokenOf(`${url}&action=GetCallerIdentity`),
    'duplicate query parameter found: "action"',
  ],
  ['an escape cut short', () => tokenOf(`${url}%2`), 'malformed query parameter'],
  ['another action', () => changed('Action', 'AssumeRole'), 'unexpected action parameter in pre-signed URL'],
  ['another version', () => changed('Version', '2012'), 'unexpected version parameter in pre-signed URL'],
  [
    'the cluster header unsigned',
    () => changed('X-Amz-SignedHeaders', 'host'),
    'client did not sign the x-k8s-aws-id header',
  ],
  [
    'host unsigned',
    () => changed('X-Amz-SignedHeaders', 'x-k8s-aws-id'),
    'client did not sign the host header',
  ],
  ['901 seconds', () => changed('X-Amz-Expires', '901'), 'invalid X-Amz-Expires parameter 901'],
  ['no expiry', () => changed('X-Amz-Expires'), 'invalid X-Amz-Expires parameter '],
  ['no date', () => changed('X-Amz-Date'), 'malformed X-Amz-Date parameter ""'],
  [
    'a date of the wrong form',
    () => changed('X-Amz-Date', '2026-11-22'),
    'malformed X-Amz-Date parameter "2026-11-22"',
  ],
  ['an old date', () => changed('X-Amz-Date', '20261122T094459Z'), 'X-Amz-Date parameter is expired'],
  ['a date to come', () => changed('X-Amz-Date', '20261122T100501Z'), 'signature is not yet current'],
  [
    'the scope of another day',
    () => changed('X-Amz-Credential', `${KEY.accessKeyId}/20261121/eu-central-1/sts/aws4_request`),
    'unexpected credential scope 20261121/eu-central-1/sts/aws4_request',
  ],
  [
    'an unknown key',
    () => changed('X-Amz-Credential', 'AKIANOBODY/20261122/eu-central-1/sts/aws4_request'),
    'the security token included in the request is invalid',
  ],
  [
    'no session token',
    () => changed('X-Amz-Security-Token'),
    'the security token included in the request is invalid',
  ],
  [
    'another algorithm',
    () => changed('X-Amz-Algorithm', 'AWS4-HMAC-SHA1'),
    'unsupported signature algorithm',
  ],
  ['another signature', () => changed('X-Amz-Signature', '0'.repeat(64)), 'the signature does not match'],
  ['another expiry than signed', () => changed('X-Amz-Expires', '900'), 'the signature does not match'],
])('refuses %s', (_, token, reason) => {
  expect(verifyToken(token(), OPTIONS)).toEqual({ ok: false, reason });
});

test('refuses a token signed for another cluster', () => {
  expect(verifyToken(tokenOf(url), { ...OPTIONS, clusterName: 'green' })).toEqual({
    ok: false,
    reason: 'the signature does not match',
  });
});

test('refuses the right key with another secret', () => {
  const secretFor = () => ({ ...KEY, secretAccessKey: 'other' });
  expect(verifyToken(tokenOf(url), { ...OPTIONS, secretFor })).toEqual({
    ok: false,
    reason: 'the signature does not match',
  });
});

test('takes the token for fifteen minutes, whatever X-Amz-Expires says', () => {
  expect(verifyToken(tokenOf(url), { ...OPTIONS, now: NOW + 15 * 60_000 })).toMatchObject({ ok: true });
  expect(verifyToken(tokenOf(url), { ...OPTIONS, now: NOW + 15 * 60_000 + 1 })).toEqual({
    ok: false,
    reason: 'X-Amz-Date parameter is expired',
  });
});

test('takes the STS of another region of the same partition only', () => {
  expect(verifyToken(tokenOf(url), { ...OPTIONS, region: 'us-west-2' })).toMatchObject({ ok: true });
  expect(verifyToken(tokenOf(url), { ...OPTIONS, region: 'us-gov-west-1' })).toMatchObject({ ok: false });
});
