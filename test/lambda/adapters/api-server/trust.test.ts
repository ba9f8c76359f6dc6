import { createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ApiClientOptions, apiClient } from '../../../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../../../lambda/adapters/api-server/cluster-reader.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import { CollectorError } from '../../../../lambda/errors.ts';
import { createAuthority } from '../../../../local/certificates.ts';
import { listenOnLoopback } from '../../../../local/connections.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { table } from '../../../support/pod-rows.ts';
import {
  authority,
  bearer,
  type Handle,
  type ServerOptions,
  startServer,
} from '../../../support/tls-server.ts';

const page: Handle = (_request, response) =>
  response.end(table([{ name: 'a' }, { name: 'b' }, { name: 'c' }]));

type Access = Pick<ApiClientOptions, 'endpoint' | 'credentials'>;

function readerOf(access: Access) {
  const reader = clusterReader(apiClient({ ...access, clock: SYSTEM_CLOCK }), SYSTEM_CLOCK);
  onTestFinished(() => reader.close());
  return reader;
}

async function list(access: Access, ms?: number): Promise<string[]> {
  return (await readerOf(access).listPods(deadlineIn(ms))).map(({ name }) => name);
}

/** The code and the message of the failure of a server with these options, or of other access to it. */
async function failure(access: Access, ms?: number): Promise<{ code: string; message: string }> {
  return list(access, ms).then(
    (names) => ({ code: 'none', message: names.join() }),
    ({ code, message }) => ({ code, message }),
  );
}

/** A TCP server without TLS, as a port taken by something else. */
async function startTcp(talk: (socket: Socket) => void): Promise<Access> {
  const { port, close } = await listenOnLoopback(createServer(talk));
  onTestFinished(close);
  return endpoint(`https://localhost:${port}`);
}

const endpoint = async (url: string): Promise<Access> => ({
  endpoint: { url: new URL(url), ca: (await authority).certificate },
  credentials: bearer(),
});

test.each<{ what: string; options?: ServerOptions; ca?: () => Promise<string>; says: string }>([
  {
    what: 'of another CA',
    ca: async () => (await createAuthority('another cluster')).certificate,
    says: 'is not trusted: ',
  },
  {
    what: 'that has expired',
    options: { expired: true },
    says: 'certificate has expired (CERT_HAS_EXPIRED)',
  },
  {
    what: 'of another host',
    options: { hosts: ['other.example'] },
    says: "Host: localhost. is not in the cert's altnames",
  },
  { what: 'when the CA is empty', ca: async () => '', says: "the cluster's CA is not a certificate in PEM" },
  {
    what: 'when the CA is not PEM',
    ca: async () => 'MIIC',
    says: "the cluster's CA is not a certificate in PEM",
  },
  {
    what: 'when the CA is damaged',
    ca: async () => (await authority).certificate.replace('MII', '%%%'),
    says: 'is not trusted: ',
  },
])('refuses a certificate $what', async ({ options, ca, says }) => {
  const { access } = await startServer(page, options);
  const { code, message } = await failure({
    ...access,
    ...(ca && { endpoint: { ...access.endpoint, ca: await ca() } }),
  });
  expect(message).toContain(says);
  expect(code).toBe('api-tls');
});

test("trusts only the cluster's CA, not public authorities", async () => {
  const { access } = await startServer(page);
  expect(await list(access)).toEqual(['a', 'b', 'c']);
});

test('a server without TLS is named as such', async () => {
  const access = await startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect(await failure(access)).toMatchObject({
    code: 'api-tls',
    message: expect.stringMatching(/is not trusted: wrong version number|packet length too long/),
  });
});

test('a name that DNS does not resolve', async () => {
  const { code, message } = await failure(await endpoint('https://no-such-cluster.invalid'));
  expect(message).toMatch(/DNS does not resolve no-such-cluster.invalid: .*(ENOTFOUND|EAI_AGAIN)/);
  expect(code).toBe('api-unreachable');
});

test('a port where nothing listens', async () => {
  const { access, stop } = await startServer(page);
  await stop();
  const { code, message } = await failure(access);
  expect(message).toContain(`cannot connect to ${access.endpoint.url.host}: `);
  expect(message).toContain('ECONNREFUSED');
  expect(code).toBe('api-unreachable');
});

test('a server that closes the connection in the handshake', async () => {
  const { code, message } = await failure(await startTcp((socket) => socket.destroy()));
  expect(message).toContain('ECONNRESET');
  expect(code).toBe('api-unreachable');
});

test('a handshake without an answer ends at the deadline', async () => {
  const { code, message } = await failure(await startTcp(() => {}), 50);
  expect(message).toContain('no connection in time');
  expect(code).toBe('api-unreachable');
});

test('names the step that took too long, if there is time', async () => {
  const greeted = Promise.withResolvers<void>();
  const access = await startTcp((socket) => socket.once('data', () => greeted.resolve()));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const failing = failure(access);
  await greeted.promise;
  vi.advanceTimersByTime(3000);
  const { code, message } = await failing;
  expect(message).toContain(`no TLS handshake with ${access.endpoint.url.host} within 3000 ms (ETIMEDOUT)`);
  expect(code).toBe('api-unreachable');
});

test('an address is checked against the certificate, but not sent as SNI', async () => {
  const names: unknown[] = [];
  const handle: Handle = (request, response) => {
    names.push((request.socket as TLSSocket & { servername?: unknown }).servername);
    page(request, response);
  };
  const { access, port } = await startServer(handle, { hosts: ['127.0.0.1', 'localhost'] });
  await list({
    ...access,
    endpoint: { ...access.endpoint, url: new URL(`https://127.0.0.1:${port}`) },
  });
  await list(access);
  expect(names).toEqual([false, 'localhost']);
});

test('a client certificate replaces the token', async () => {
  const users = await createAuthority('users');
  const seen: unknown[] = [];
  const { access } = await startServer(
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      seen.push([subject.CN, request.headers.authorization]);
      page(request, response);
    },
    { clientCertificate: 'wanted' },
  );
  const credentials = { kind: 'client-certificate', ...(await users.issue(['admin'])) } as const;
  expect(await list({ ...access, credentials })).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual([['admin', undefined]]);
});

test('a client certificate without its key is named', async () => {
  const { access } = await startServer(page);
  const { cert } = await (await authority).issue(['admin']);
  const credentials = { kind: 'client-certificate', cert, key: 'none' } as const;
  expect(await failure({ ...access, credentials })).toMatchObject({
    code: 'api-tls',
    message: expect.stringContaining('the client certificate or its key is unusable'),
  });
});

test('a server that requires a client certificate is named as such', async () => {
  const { access } = await startServer(page, { clientCertificate: 'required' });
  const { code, message } = await failure(access);
  expect(message).toContain('certificate required');
  expect(code).toBe('api-unreachable');
});

test('missing AWS credentials fail as such, before any connection', async () => {
  const { access, accepted } = await startServer(page);
  const authorization = async () => {
    throw new CollectorError('credentials-missing', 'no AWS credentials');
  };
  const credentials = { ...bearer(), authorization };
  expect(await failure({ ...access, credentials })).toMatchObject({ code: 'credentials-missing' });
  const reader = readerOf({ ...access, credentials });
  await expect(reader.readMetrics({ name: 'a', node: '' }, deadlineIn())).rejects.toMatchObject({
    name: 'ScrapeError',
    code: 'scrape-unauthorized',
  });
  expect(accepted()).toBe(0);
});
