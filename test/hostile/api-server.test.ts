import { afterAll, expect, test } from 'vitest';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { authority, startServer, statusBody } from '../support/tls-server.ts';
import { startFunction } from './start-function.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
const MIB = 1024 * 1024;

const cluster = await startEmbeddedCluster({ nodes: 1, seed: 7, now: NOW });
afterAll(() => cluster.close());

const table = (rows: unknown, metadata: object = {}) =>
  JSON.stringify({
    kind: 'Table',
    metadata,
    columnDefinitions: [{ name: 'Name' }, { name: 'Status' }, { name: 'Node' }],
    rows,
  });

test.each<{ what: string; status?: number; body: string; code: string; message?: string }>([
  {
    what: 'the same page for ever',
    body: table([], { continue: 'x' }),
    code: 'api-failed',
    message: 'more than 1000 pages',
  },
  {
    what: 'a name that acts on a terminal',
    body: table([{ cells: ['\x9b31m\u202e', 'Running', 'node'] }]),
    code: 'api-failed',
    message: String.raw`a pod has no name of Kubernetes, but "\u{9b}31m\u{202e}"`,
  },
  {
    what: 'a name that leads elsewhere',
    body: table([{ cells: ['../../../secrets/x', 'Running', ''] }]),
    code: 'api-failed',
  },
  { what: 'a name of 1 MB', body: table([{ cells: ['x'.repeat(MIB), 'Running', ''] }]), code: 'api-failed' },
  { what: 'rows that are no rows', body: table([null, 1, 'x']), code: 'api-failed' },
  { what: '2 MB of lists', body: `${'['.repeat(MIB)}${']'.repeat(MIB)}`, code: 'api-failed' },
  { what: 'a kind of 1 MB', body: JSON.stringify({ kind: ' '.repeat(MIB) }), code: 'api-failed' },
  {
    what: '401 and a token in 2 MB of blanks',
    status: 401,
    body: `x-amz-security-token:${' '.repeat(2 * MIB)}`,
    code: 'api-unauthorized',
  },
  {
    what: '403 and a Status of 1 MB',
    status: 403,
    body: statusBody(403, 'Forbidden', 'Bearer x '.repeat(MIB / 9)),
    code: 'api-forbidden',
  },
])('a list that is $what fails the invocation: $code', async ({ status = 200, body, code, message = '' }) => {
  const { access } = await startServer((_request, response) => {
    response.statusCode = status;
    response.end(body);
  });
  const { STATE_BUCKET: _, ...environment } = cluster.environment;
  await using process = startFunction({
    ...environment,
    CLUSTER_ENDPOINT: access.endpoint.url.origin,
    CLUSTER_CA: Buffer.from((await authority).certificate).toString('base64'),
  });
  const { error, log, cpuMs } = await process.invoke('{}', NOW);
  expect(error).toContain(`CollectorError: ${code}: `);
  expect(error).toContain(message);
  expect(`${error}${log.join('').trimEnd()}`).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(log.join('').length).toBeLessThan(20_000);
  // A cold start is part of it.
  expect(cpuMs).toBeLessThan(2_000);
});
