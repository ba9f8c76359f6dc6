import { inspect } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { createAuthority } from '../../local/certificates.ts';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import { authority, startServer } from '../support/tls-server.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

/** A cluster's environment with another API server, and what the function says there. */
async function functionOn(more: Readonly<Record<string, string>>) {
  vi.stubEnv('AWS_REGION', '');
  const cluster = await startEmbeddedCluster({ nodes: 2, seed: 7, now: NOW });
  onTestFinished(() => cluster.close());
  const invoke = await loadFunction(
    { environment: { ...cluster.environment, ...more }, fleet: cluster.fleet },
    () => {},
  );
  return {
    diagnose: async (): Promise<Diagnosis> => invoke({ diagnose: true }),
    collect: (): Promise<string> => invoke({}).then((report) => inspect(report), String),
  };
}

const certificateOf = async (source: typeof authority) =>
  Buffer.from((await source).certificate).toString('base64');

test('NODE_TLS_REJECT_UNAUTHORIZED=0 makes the function trust nobody else as the API server', async () => {
  const { access } = await startServer((_request, response) => response.end('{}'));
  const { collect, diagnose } = await functionOn({
    CLUSTER_ENDPOINT: access.endpoint.url.origin,
    CLUSTER_CA: await certificateOf(createAuthority('another cluster')),
  });
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  expect(await collect()).toMatch(/^CollectorError: api-tls: /);
  const { steps } = await diagnose();
  expect(steps.find(({ name }) => name === 'tls')).toMatchObject({ status: 'failed' });
});

test('nor as a service of AWS, which would be given credentials and metrics', async () => {
  const requests: string[] = [];
  const { access } = await startServer(
    (request, response) => {
      requests.push(request.url);
      response.end();
    },
    { protocol: 'http/1.1' },
  );
  const url = access.endpoint.url.origin;
  const { collect } = await functionOn({
    AWS_ENDPOINT_URL_CLOUDWATCH: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_EC2: url,
  });
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  expect(await collect()).toMatch(/publish-failed/);
  expect(requests).toEqual([]);
});

test('no request follows a redirect: the token stays with the API server', async () => {
  const elsewhere: string[] = [];
  const other = await startServer((request, response) => {
    elsewhere.push(request.url);
    response.end('{}');
  });
  const { access } = await startServer(
    (request, response) => {
      response.writeHead(307, { location: `${other.access.endpoint.url.origin}${request.url}` });
      response.end();
    },
    { protocol: 'http/1.1' },
  );
  const { collect, diagnose } = await functionOn({
    CLUSTER_ENDPOINT: access.endpoint.url.origin,
    CLUSTER_CA: await certificateOf(authority),
  });
  expect(await collect()).toMatch(/^CollectorError: api-failed: .* answered 307/);
  const { steps } = await diagnose();
  expect(steps.find(({ name }) => name === 'authentication')).toMatchObject({
    status: 'failed',
    seen: expect.stringContaining('the API server answered 307'),
  });
  expect(elsewhere).toEqual([]);
});
