import { expect, test } from 'vitest';
import type { ScrapeError } from '../../../../lambda/errors.ts';
import { startApi } from '../../../support/served-api.ts';
import { statusBody } from '../../../support/tls-server.ts';

test('asks the API server for the path of the pod, with token and gzip', async () => {
  const seen: unknown[] = [];
  const { read } = await startApi(({ method, url, headers }, response) => {
    seen.push({ method, url, authorization: headers.authorization, encoding: headers['accept-encoding'] });
    response.end('up 1\n');
  });
  await read('aws-node-x/../y');
  expect(seen).toEqual([
    {
      method: 'GET',
      url: '/api/v1/namespaces/kube-system/pods/aws-node-x%2F..%2Fy:61678/proxy/metrics',
      authorization: 'Bearer token-0',
      encoding: 'gzip',
    },
  ]);
});

test('streams answered with 401 together share one renewal', async () => {
  const seen = new Map<string, number>();
  const { readAll } = await startApi(({ headers: { authorization = '' } }, response) => {
    seen.set(authorization, (seen.get(authorization) ?? 0) + 1);
    response.statusCode = authorization === 'Bearer token-0' ? 401 : 200;
    response.end('ok');
  });
  await readAll(4);
  expect([...seen]).toEqual([
    ['Bearer token-0', 4],
    ['Bearer token-1', 4],
  ]);
});

const dial = (problem: string) => `error trying to reach service: dial tcp 10.0.1.2:61678: ${problem}`;

test.each<[number, string, Partial<ScrapeError>]>([
  [401, 'Unauthorized', { code: 'scrape-unauthorized', retryable: false }],
  [
    403,
    'pods "x" is forbidden: cannot get resource "pods/proxy"',
    { code: 'scrape-forbidden', retryable: false },
  ],
  [404, 'pods "aws-node-abcde" not found', { code: 'pod-gone', retryable: false }],
  [500, 'Internal Server Error', { code: 'bad-status', retryable: false }],
  [502, 'bad gateway', { code: 'bad-status', retryable: true }],
  [503, dial('i/o timeout'), { code: 'port-unreachable', retryable: false }],
  [503, dial('connect: no route to host'), { code: 'port-unreachable', retryable: false }],
  [
    503,
    'error trying to reach service: context deadline exceeded',
    { code: 'port-unreachable', retryable: false },
  ],
  [503, dial('connect: connection refused'), { code: 'port-refused', retryable: false }],
  [502, dial('connect: connection refused'), { code: 'port-refused', retryable: false }],
  [503, 'error trying to reach service: EOF', { code: 'bad-status', retryable: true }],
  [
    503,
    'error trying to reach service: read tcp 10.0.0.1:5: connection reset by peer',
    { code: 'bad-status', retryable: true },
  ],
  [503, 'the server is currently unable to handle the request', { code: 'bad-status', retryable: true }],
  [504, 'gateway timeout', { code: 'bad-status', retryable: true }],
  [204, '', { code: 'bad-status', retryable: false }],
  [302, 'moved', { code: 'bad-status', retryable: false }],
])('status %i "%s"', async (status, message, expected) => {
  for (const body of [statusBody(status, 'Reason', message), message]) {
    const { failure } = await startApi((_request, response) => {
      response.statusCode = status;
      if (status === 204) response.end();
      else response.end(body);
    });
    expect(await failure()).toEqual({ ...expected, message: `status ${status}: ${message}` });
  }
});

test.each([
  { header: { 'retry-after': '2' }, wait: { retryAfterMs: 2000 } },
  { header: { 'retry-after': 'Sun, 22 Nov 2026 10:00:00 GMT' }, wait: {} },
  { header: {}, wait: {} },
])('429 with $header', async ({ header, wait }) => {
  const { failure } = await startApi((_request, response) => {
    response.writeHead(429, header);
    response.end('Too many requests, please try again later.\n');
  });
  expect(await failure()).toEqual({
    code: 'scrape-throttled',
    message: 'status 429: Too many requests, please try again later.',
    retryable: true,
    ...wait,
  });
});

test('a server that echoes the request does not get the token into the report', async () => {
  const { failure } = await startApi(({ headers }, response) => {
    response.statusCode = 500;
    response.end(`failed\n<pre>authorization: ${headers.authorization}, k8s-aws-v1.aHR0cHM6Ly9</pre>`);
  });
  expect((await failure()).message).toBe(
    'status 500: failed <pre>authorization: Bearer [token] [token]</pre>',
  );
});

test('a long answer is cut in the report', async () => {
  const { failure } = await startApi((_request, response) => {
    response.statusCode = 500;
    response.end('x'.repeat(100_000));
  });
  expect((await failure()).message).toBe(`status 500: ${'x'.repeat(300)}`);
});
