import { expect, test } from 'vitest';
import { redact, rememberSecret } from '../../../lambda/domain/redact.ts';

const HEX = '0123456789abcdef'.repeat(4);

test.each([
  ['token k8s-aws-v1.aHR0cHM6Ly9zdHM_-x is bad', 'token [token] is bad'],
  ['Authorization: Bearer abc.def was sent', 'Authorization: Bearer [token] was sent'],
  ['{"authorization":"Bearer abc.def"}', '{"authorization":"Bearer [token]"}'],
  ['authorization=Bearer%20abc.def', 'authorization=Bearer%20[token]'],
  [
    "should have been 'x-amz-security-token:IQoJb3/+=\n\nhost'",
    "should have been 'x-amz-security-token:[token]\n\nhost'",
  ],
  ['?X-Amz-Security-Token=IQoJb3&X-Amz-Date=1', '?X-Amz-Security-Token=[token]&X-Amz-Date=1'],
  [
    '{"x-amz-security-token": "IQoJb3", "x-amz-date": 1}',
    '{"x-amz-security-token": "[token]", "x-amz-date": 1}',
  ],
  [String.raw`{\"x-amz-security-token\":\"IQoJb3\"}`, String.raw`{\"x-amz-security-token\":\"[token]\"}`],
  [`?X-Amz-Signature=${HEX}&X-Amz-Date=1`, '?X-Amz-Signature=[token]&X-Amz-Date=1'],
  ['dial tcp 10.0.0.1:61678: i/o timeout', 'dial tcp 10.0.0.1:61678: i/o timeout'],
])('%s', (text, redacted) => {
  expect(redact(text)).toBe(redacted);
});

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY"EXAMPLE=';

test.each([
  ['as it is', SECRET],
  ['quoted for JSON', JSON.stringify(SECRET).slice(1, -1)],
  [
    'quoted for JSON with each slash escaped',
    JSON.stringify(SECRET).slice(1, -1).replaceAll('/', String.raw`\/`),
  ],
  [
    'as Go quotes it for JSON',
    SECRET.replaceAll('"', String.raw`\u0022`).replaceAll('+', String.raw`\u002b`),
  ],
  ['%-encoded', encodeURIComponent(SECRET)],
  ['%-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
  ['%-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
])('a known secret is redacted %s, without any word around it', (_, form) => {
  rememberSecret(SECRET);
  expect(redact(`sent ${form}, in vain`)).toBe('sent [token], in vain');
});

test('what is redacted stays as it is when it is redacted again', () => {
  const once = redact('sent Bearer abc. And x-amz-security-token:abc, too');
  expect(once).toBe('sent Bearer [token] And x-amz-security-token:[token] too');
  expect(redact(`${redact('sent Bearer abc')}. Then more`)).toBe('sent Bearer [token]. Then more');
});

test('a text that is too short for a credential is not redacted', () => {
  rememberSecret('session');
  rememberSecret('');
  rememberSecret(undefined);
  expect(redact('the session ended')).toBe('the session ended');
});

test('of the secrets that rotate, the latest are known', () => {
  const secrets = Array.from({ length: 40 }, (_, serial) => `rotated-secret-${serial}-`);
  secrets.forEach(rememberSecret);
  expect(redact(secrets.slice(-8).join(' '))).toBe(Array(8).fill('[token]').join(' '));
});

test.each([
  ['a session token of 1,500 characters', `${'IQoJb3+/'.repeat(187)}=`],
  ['a token of 1 MB in a kubeconfig', '-x'.repeat(500_000)],
  ['a token of 4,096 characters that need quoting', '/'.repeat(4_096)],
])('%s is redacted in every form', (_, secret) => {
  for (let serial = 0; serial < 16; serial += 1) rememberSecret(`${secret}${serial}`);
  const slashed = secret.slice(0, 3_000).replaceAll('/', String.raw`\/`);
  for (const form of [secret, slashed, encodeURIComponent(secret)])
    expect(redact(`{\\"token\\":\\"${form}\\"}`.slice(0, 8_000))).toMatch(/^\{\\"token\\":\\"\[token\]/);
  expect(redact(`?token=${secret.slice(0, 3_000)}&date=1`)).toBe('?token=[token]&date=1');
});

test('a long text is cut, but not within a credential', () => {
  expect(redact('x'.repeat(10_000))).toBe(`${'x'.repeat(4096)}…`);
  const token = `k8s-aws-v1.${'a'.repeat(3_000)}`;
  expect(redact(`${'x'.repeat(90)}${token}${token}`, 100)).toBe(`${'x'.repeat(90)}[token]…`);
  expect(redact(`${token} ${token} x`.repeat(9), 3_012)).toBe('[token] …');
});
