import { expect, onTestFinished, test } from 'vitest';
import { apiClient } from '../../../../lambda/adapters/api-server/client.ts';
import { readMetrics } from '../../../../lambda/adapters/api-server/pod-metrics.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import type { ScrapeFailureCode } from '../../../../lambda/domain/causes/scrape-failures.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { echo, startApi } from '../../../support/served-api.ts';
import { startServer, statusBody } from '../../../support/tls-server.ts';

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

test('a fault of the program that an answer brings to light is a failure of that pod', async () => {
  const { access } = await startServer(echo);
  const client = apiClient({ ...access, clock: SYSTEM_CLOCK });
  onTestFinished(() => client.close());
  const read = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  await expect(readMetrics(client, { name: 'p', node: '' }, deadlineIn(), read)).rejects.toMatchObject({
    name: 'ScrapeError',
    code: 'unparsable',
    message: 'the answer cannot be read: Maximum call stack size exceeded',
  });
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

test('a large answer with 401 is not asked for again with another token', async () => {
  let requests = 0;
  const { failure } = await startApi((_request, response) => {
    requests += 1;
    response.statusCode = 401;
    response.end('#'.repeat(300_000));
  });
  expect(await failure()).toMatchObject({ code: 'not-ipamd' });
  expect(requests).toBe(1);
});

/** What the server answers, and the failure that it is. */
type Row = [
  status: number,
  body: string,
  code: ScrapeFailureCode,
  flags?: 'retryable' | 'retryable overload',
];

const failureOf = (code: ScrapeFailureCode, message: string, flags = '') => ({
  code,
  message,
  retryable: flags.includes('retryable'),
  ...(flags.includes('overload') && { overload: true }),
});

/** Answers of the API server itself, in its own words: a Status object of this reason with this message. */
test.each<[reason: string, ...Row]>([
  ['Unauthorized', 401, 'Unauthorized', 'scrape-unauthorized'],
  ['Forbidden', 403, 'pods "x" is forbidden: cannot get', 'scrape-forbidden', 'retryable'],
  ['NotFound', 404, 'pods "aws-node-abcde" not found', 'pod-gone'],
  ['BadRequest', 400, 'address not allowed', 'pod-without-address'],
  ['BadRequest', 400, 'the object provided is unrecognized', 'api-server-error'],
  ['InternalError', 500, 'etcdserver: leader changed', 'api-server-error', 'retryable overload'],
  ['', 503, 'the server is currently unable to handle it', 'api-server-error', 'retryable overload'],
  ['Timeout', 504, 'Timeout: request did not complete', 'api-server-error', 'retryable overload'],
])('the API server answers %s %i "%s": %s %s', async (reason, status, message, code, flags) => {
  const { failure } = await startApi((_request, response) => {
    response.statusCode = status;
    response.end(statusBody(status, reason, message));
  });
  expect(await failure()).toEqual(failureOf(code, `status ${status}: ${message}`, flags));
});

/** What the API server says of a node, in the words of Go's net and net/http. */
test.each<[problem: string, code: ScrapeFailureCode, flags?: 'retryable']>([
  ['dial tcp 10.0.1.2:61678: i/o timeout', 'port-unreachable'],
  ['dial tcp 10.0.1.2:61678: connect: connection timed out', 'port-unreachable'],
  ['dial tcp 10.0.1.2:61678: connect: host is down', 'port-unreachable'],
  ['dial tcp 10.0.1.2:61678: connect: no route to host', 'port-unreachable'],
  ['dial tcp 10.0.1.2:61678: connect: network is unreachable', 'port-unreachable'],
  ['read tcp 10.0.0.1:5->10.0.1.2:61678: read: connection timed out', 'port-unreachable'],
  ['context deadline exceeded', 'port-unreachable'],
  ['dial tcp 10.0.1.2:61678: connect: connection refused', 'port-refused'],
  ['EOF', 'answer-incomplete', 'retryable'],
  ['unexpected EOF', 'answer-incomplete', 'retryable'],
  ['read tcp 10.0.0.1:5: read: connection reset by peer', 'answer-incomplete', 'retryable'],
  ['write tcp 10.0.0.1:5: write: broken pipe', 'answer-incomplete', 'retryable'],
  ['http: server closed idle connection', 'answer-incomplete', 'retryable'],
  ['net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-x"', 'not-ipamd'],
  ['net/http: HTTP/1.x transport connection broken: malformed MIME header line: <html>', 'not-ipamd'],
  ['net/http: server response headers exceeded 10485760 bytes; aborted', 'not-ipamd'],
  ['No agent available', 'api-server-error', 'retryable'],
])('the API server cannot reach the pod, "%s": %s %s', async (problem, code, flags) => {
  const message = `error trying to reach service: ${problem}`;
  for (const status of [502, 503])
    for (const body of [statusBody(status, 'ServiceUnavailable', message), message]) {
      const { failure } = await startApi((_request, response) => {
        response.statusCode = status;
        response.end(body);
      });
      expect(await failure()).toEqual(failureOf(code, `status ${status}: ${message}`, flags));
    }
});

/** What the API server passes on from the pod, or what a proxy in front of it answers. */
test.each<Row>([
  [204, '', 'not-ipamd'],
  [302, 'moved', 'not-ipamd'],
  [400, 'Client sent an HTTP request to an HTTPS server.', 'not-ipamd'],
  [401, 'log in', 'not-ipamd'],
  [403, 'forbidden', 'not-ipamd'],
  [404, '404 page not found', 'not-ipamd'],
  [404, '{"kind":"Error","message":"nothing here"}', 'not-ipamd'],
  [500, 'An error has occurred while serving metrics', 'bad-status'],
  [502, 'bad gateway', 'bad-status', 'retryable overload'],
  [503, 'upstream connect error', 'bad-status', 'retryable'],
  [504, 'gateway timeout', 'bad-status', 'retryable overload'],
  [505, 'no', 'bad-status'],
])('something else answers %i "%s": %s %s', async (status, body, code, flags) => {
  const { failure } = await startApi((_request, response) => {
    response.statusCode = status;
    if (status === 204) response.end();
    else response.end(`${body}\n`);
  });
  expect(await failure()).toEqual(failureOf(code, `status ${status}: ${body}`, flags));
});

test.each([
  { header: { 'retry-after': '1' }, wait: { retryAfterMs: 1_000 } },
  { header: { 'retry-after': '36' }, wait: { retryAfterMs: 2_000 } },
  { header: { 'retry-after': 'Sun, 22 Nov 2026 10:00:00 GMT' }, wait: {} },
  { header: {}, wait: {} },
])('429 with $header: a pod is waited for 2 s at the most', async ({ header, wait }) => {
  const { failure } = await startApi((_request, response) => {
    response.writeHead(429, header);
    response.end('Too many requests, please try again later.\n');
  });
  expect(await failure()).toEqual({
    code: 'scrape-throttled',
    message: 'status 429: Too many requests, please try again later.',
    retryable: true,
    overload: true,
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
  expect((await failure()).message).toBe(`status 500: ${'x'.repeat(300)}…`);
});
