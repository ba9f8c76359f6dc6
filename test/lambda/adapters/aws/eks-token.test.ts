import { expect, test } from 'vitest';
import type { AwsCredentials } from '../../../../lambda/adapters/aws/eks-token.ts';
import { eksToken } from '../../../../lambda/adapters/aws/eks-token.ts';
import { type VerifierOptions, verifyToken } from '../../../../local/api-server/token-verifier.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-22T10:00:00.500Z');
const ROLE: AwsCredentials = {
  accessKeyId: 'ASIAEXAMPLE000000001',
  secretAccessKey: 'k/ey+with=signs',
  sessionToken: `${'IQoJb3JpZ2luX2Vj+/'.repeat(60)}==`,
};
const USER: AwsCredentials = { accessKeyId: 'AKIAEXAMPLE000000002', secretAccessKey: 'another' };

const known =
  (keys: readonly AwsCredentials[]): VerifierOptions['secretFor'] =>
  (accessKeyId) =>
    keys.find((key) => key.accessKeyId === accessKeyId);

/** A token source whose clock, region and credentials the test holds. */
function source({ region = 'eu-central-1', clusterName = 'blue' } = {}) {
  const state = { now: NOW, credentials: ROLE, asked: 0 };
  const bearer = eksToken({
    clusterName,
    region,
    credentials: async () => {
      state.asked += 1;
      return state.credentials;
    },
    clock: { now: () => state.now },
  });
  return { state, bearer };
}

const tokenOf = (header: string) => header.replace(/^Bearer /, '');
const textOf = (header: string) =>
  Buffer.from(tokenOf(header).slice('k8s-aws-v1.'.length), 'base64url').toString();

test.each([
  { region: 'eu-central-1', host: 'sts.eu-central-1.amazonaws.com' },
  { region: 'us-gov-west-1', host: 'sts.us-gov-west-1.amazonaws.com' },
  { region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn' },
  { region: 'us-iso-east-1', host: 'sts.us-iso-east-1.c2s.ic.gov' },
  { region: 'us-isob-east-1', host: 'sts.us-isob-east-1.sc2s.sgov.gov' },
  { region: 'eu-isoe-west-1', host: 'sts.eu-isoe-west-1.cloud.adc-e.uk' },
  { region: 'us-isof-south-1', host: 'sts.us-isof-south-1.csp.hci.ic.gov' },
  { region: 'eusc-de-east-1', host: 'sts.eusc-de-east-1.amazonaws.eu' },
])('the control plane accepts a token of $region', async ({ region, host }) => {
  const { bearer } = source({ region });
  const header = await bearer.authorization();
  expect(header).toMatch(/^Bearer k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  expect(textOf(header).startsWith(`https://${host}/?`)).toBe(true);
  expect(
    verifyToken(tokenOf(header), { clusterName: 'blue', region, now: NOW, secretFor: known([ROLE]) }),
  ).toEqual({ ok: true, accessKeyId: ROLE.accessKeyId });
});

test('a token made with long-lived keys has no session token', async () => {
  const { state, bearer } = source();
  state.credentials = USER;
  const header = await bearer.authorization();
  expect([...new URL(textOf(header)).searchParams.keys()].sort()).toEqual([
    'Action',
    'Version',
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
  ]);
  expect(
    verifyToken(tokenOf(header), {
      clusterName: 'blue',
      region: 'eu-central-1',
      now: NOW,
      secretFor: known([USER]),
    }),
  ).toEqual({ ok: true, accessKeyId: USER.accessKeyId });
});

test('a token is reused until less than one of its fourteen minutes is left', async () => {
  const { state, bearer } = source();
  const first = await bearer.authorization();
  state.now = NOW + 13 * MINUTE - 1;
  expect(await bearer.authorization()).toBe(first);
  state.now = NOW + 13 * MINUTE;
  expect(await bearer.authorization()).not.toBe(first);
});

test('changed credentials make a new token at once', async () => {
  const { state, bearer } = source();
  const first = await bearer.authorization();
  state.credentials = { ...ROLE, sessionToken: 'rotated' };
  const second = await bearer.authorization();
  expect(second).not.toBe(first);
  expect(new URL(textOf(second)).searchParams.get('X-Amz-Security-Token')).toBe('rotated');
});

test('rejected callers share one renewal, and a late one gets its result', async () => {
  const { state, bearer } = source();
  const rejected = await bearer.authorization();
  state.now = NOW + MINUTE;
  const before = state.asked;
  const renewed = await Promise.all([1, 2, 3].map(() => bearer.renew(rejected)));
  expect(new Set(renewed).size).toBe(1);
  expect(renewed[0]).not.toBe(rejected);
  expect(await bearer.renew(rejected)).toBe(renewed[0]);
  expect(await bearer.authorization()).toBe(renewed[0]);
  expect(state.asked - before).toBe(2);
});

test('a provider without credentials is named, and asked again next time', async () => {
  let fails = true;
  const bearer = eksToken({
    clusterName: 'blue',
    region: 'eu-central-1',
    credentials: async () => {
      if (fails) throw new Error('Could not load credentials from any providers');
      return ROLE;
    },
    clock: { now: () => NOW },
  });
  await expect(bearer.authorization()).rejects.toMatchObject({
    code: 'credentials-missing',
    message: expect.stringContaining('Could not load credentials from any providers'),
  });
  fails = false;
  expect(await bearer.authorization()).toMatch(/^Bearer /);
});
