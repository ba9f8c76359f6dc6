import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { type FaultName, injectFault } from '../../local/fault-injection/faults.ts';
import { loadFunction, type View } from '../../local/load-function.ts';
import { authority, startServer, statusBody } from '../support/tls-server.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

let cluster: EmbeddedCluster;
beforeEach(async () => {
  vi.stubEnv('AWS_REGION', '');
  cluster = await startEmbeddedCluster({ nodes: 3, seed: 7, now: NOW });
});
afterEach(() => cluster.close());

/** Credentials, and a variable of another program, as they are in the function's environment. */
const planted = (environment = cluster.environment): Record<string, string> => ({
  ...environment,
  LOG_LEVEL: 'debug',
  DATABASE_PASSWORD: 'planted-password-of-a-database',
});

/** What must not appear anywhere; a bearer token and a presigned URL are recognized by their form. */
function secretsOf(environment: Readonly<Record<string, string>>): readonly RegExp[] {
  const texts = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'DATABASE_PASSWORD'].map(
    (name) => environment[name] ?? `no ${name}`,
  );
  return [
    ...texts.map((text) => new RegExp(text)),
    ...texts.map((text) => new RegExp(Buffer.from(text).toString('base64url').slice(0, -2))),
    /k8s-aws-v1\./,
    /Bearer (?!\[token\])\S/,
    /X-Amz-Signature/i,
    /GetCallerIdentity&/,
    /AWS4-HMAC-SHA256 Credential/,
  ];
}

/** Everything that leaves the function during a cycle, a dry run and a diagnosis: logs, answers, whole errors. */
async function everythingSaid(
  environment: Readonly<Record<string, string>>,
  fleet: View['fleet'] = cluster.fleet,
) {
  const said: string[] = [];
  const invoke = await loadFunction({ environment, fleet }, (line) => said.push(line));
  for (const event of [{ diagnose: true, verbose: true }, {}, { dryRun: true, verbose: true }]) {
    const answer: unknown = await invoke(event).catch((error: unknown) => error);
    said.push(JSON.stringify(answer) ?? '');
    said.push(inspect(answer, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null }));
  }
  return said.join('\n');
}

function expectNoSecret(said: string, environment: Readonly<Record<string, string>>) {
  const found = secretsOf(environment).map((secret) =>
    new RegExp(`.{0,40}(?:${secret.source})`, 'mi').exec(said),
  );
  expect(found.flatMap((match) => (match ? [match[0]] : []))).toEqual([]);
}

test('the search for secrets finds planted ones', () => {
  const environment = planted();
  const [text, , , , , ...makings] = secretsOf(environment);
  expect(`{"cause":"${environment.AWS_SECRET_ACCESS_KEY}"}`).toMatch(text ?? /nothing/);
  const url =
    'https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Signature=1';
  expect(makings.filter((pattern) => pattern.test(url))).toHaveLength(2);
});

test('a good cycle reveals no secret', async () => {
  const said = await everythingSaid(planted());
  expect(said).toContain('"healthy":true');
  expect(said).toContain('addresses assigned');
  expectNoSecret(said, planted());
});

const BROKEN: readonly FaultName[] = [
  'configuration',
  'credentials-expired',
  'eks-right',
  'dns',
  'tcp-refused',
  'tls',
  'clock',
  'access-entry',
  'right-to-list',
  'right-to-proxy',
  'metrics-disabled',
  'other-answer',
  'cloudwatch-right',
  'state-right',
  'state-object',
  'ec2-right',
];

test.each(BROKEN)('a cycle with a broken link reveals no secret: %s', async (link) => {
  const { fleet, close, ...broken } = await injectFault(cluster, link);
  const environment = planted(broken.environment);
  const said = await everythingSaid(environment, fleet).finally(close);
  expect(said).toContain('"healthy":false');
  expectNoSecret(said, environment);
});

test('AWS services that repeat the refused request reveal no secret', async () => {
  const message =
    'The request signature we calculated does not match the signature you provided. The Canonical String for this ' +
    `request should have been 'POST\n/\n\nhost:127.0.0.1\nx-amz-security-token:${planted().AWS_SESSION_TOKEN}\n\nhost'`;
  const refusal = { status: 403, code: 'SignatureDoesNotMatch', message };
  for (const { faults } of [cluster.cloudwatch, cluster.ec2, cluster.eks, cluster.sts, cluster.s3])
    faults.always = refusal;
  const { CLUSTER_ENDPOINT: _, CLUSTER_CA: __, ...environment } = planted();
  const asking = await everythingSaid(environment);
  const told = await everythingSaid(planted());
  for (const said of [asking, told]) {
    expect(said).toContain('x-amz-security-token:[token]');
    expectNoSecret(said, environment);
  }
});

test.each([200, 401, 403, 500])(
  'an API server that repeats the token reveals no secret, status %s',
  async (status) => {
    const { access } = await startServer((request, response) => {
      response.statusCode = status;
      response.end(statusBody(status, 'Echo', `you sent ${request.headers.authorization} to ${request.url}`));
    });
    const environment = {
      ...planted(),
      CLUSTER_ENDPOINT: access.endpoint.url.origin,
      CLUSTER_CA: Buffer.from((await authority).certificate).toString('base64'),
    };
    const said = await everythingSaid(environment);
    expect(said).toContain('"healthy":false');
    expectNoSecret(said, environment);
  },
);
