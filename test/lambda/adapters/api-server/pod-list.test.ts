import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type ApiClientOptions, apiClient } from '../../../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../../../lambda/adapters/api-server/cluster-reader.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import { CollectorError } from '../../../../lambda/errors.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { table } from '../../../support/pod-rows.ts';
import { type Handle, type ServerOptions, startServer, statusBody } from '../../../support/tls-server.ts';

function listing(access: Pick<ApiClientOptions, 'endpoint' | 'credentials'>) {
  const waits: number[] = [];
  const clock = {
    ...SYSTEM_CLOCK,
    wait: async (ms: number) => {
      waits.push(ms);
    },
  };
  const api = clusterReader(apiClient({ ...access, clock }), clock);
  onTestFinished(() => api.close());
  const names = async (ms = 20_000) => (await api.listPods(deadlineIn(ms))).map(({ name }) => name);
  return { api, waits, names };
}

async function start(handle: Handle, options: ServerOptions = {}) {
  const server = await startServer(handle, options);
  return { ...server, ...listing(server.access) };
}

/** Answers in turn; the last one repeats. */
function inTurn(...answers: readonly Handle[]): Handle {
  let turn = 0;
  return (request, response) => {
    answers[Math.min(turn, answers.length - 1)]?.(request, response);
    turn += 1;
  };
}

const send =
  (status: number, body: string, headers = {}): Handle =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

const page = (names: string, next = '') =>
  send(
    200,
    table(
      [...names].map((name) => ({ name })),
      next,
    ),
  );
const expired = send(410, statusBody(410, 'Expired', 'The provided continue parameter is too old'));

test('asks for a table of the running aws-node pods without objects', async () => {
  const asked: unknown[] = [];
  const { api } = await start((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://host');
    asked.push([pathname, Object.fromEntries(searchParams), request.headers.accept]);
    page('abc')(request, response);
  });
  expect(await api.listPods(deadlineIn())).toEqual([
    { name: 'a', node: 'node-of-a', address: '10.0.0.1', ageSeconds: 432_000 },
    { name: 'b', node: 'node-of-b', address: '10.0.0.1', ageSeconds: 432_000 },
    { name: 'c', node: 'node-of-c', address: '10.0.0.1', ageSeconds: 432_000 },
  ]);
  expect(asked).toEqual([
    [
      '/api/v1/namespaces/kube-system/pods',
      {
        labelSelector: 'k8s-app=aws-node',
        fieldSelector: 'status.phase=Running,spec.serviceAccountName!=',
        limit: '5000',
        includeObject: 'None',
      },
      'application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    ],
  ]);
});

test('keeps the path of the endpoint as a prefix', async () => {
  let path = '';
  const { access } = await start((request, response) => {
    path = request.url ?? '';
    page('abc')(request, response);
  });
  const { names } = listing({
    ...access,
    endpoint: { ...access.endpoint, url: new URL('/k8s/clusters/c-1/', access.endpoint.url) },
  });
  await names();
  expect(path).toMatch(/^\/k8s\/clusters\/c-1\/api\/v1\//);
});

test('follows the pages to the end, compressed or not', async () => {
  const tokens: unknown[] = [];
  const { names } = await start((request, response) => {
    const token = new URL(request.url ?? '', 'https://host').searchParams.get('continue');
    tokens.push(token);
    if (token === null) return page('abc', 'two=/+')(request, response);
    if (token === 'two=/+') return page('def', 'three')(request, response);
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(table([{ name: 'g' }])));
  });
  expect(await names()).toEqual([...'abcdefg']);
  expect(tokens).toEqual([null, 'two=/+', 'three']);
});

test('an expired page starts the list again, without a pod twice', async () => {
  const { names } = await start(inTurn(page('abc', 'x'), expired, page('bcd', 'y'), page('e')));
  expect(await names()).toEqual([...'bcde']);
});

test('a list that keeps expiring fails', async () => {
  const { names } = await start((request, response) =>
    (request.url?.includes('continue') ? expired : page('abc', 'x'))(request, response),
  );
  await expect(names()).rejects.toMatchObject({
    code: 'api-failed',
    message: expect.stringContaining('the list expired 3 times (410)'),
  });
});

test.each([
  { header: { 'retry-after': '2' }, waits: [2000] },
  { header: {}, waits: [1000] },
  { header: { 'retry-after': '0' }, waits: [1000] },
])('429 with $header waits, then asks again', async ({ header, waits: expected }) => {
  const { names, waits } = await start(inTurn(send(429, 'Too many requests', header), page('abc')));
  expect(await names()).toEqual([...'abc']);
  expect(waits).toEqual(expected);
});

test('429 with a Retry-After beyond the deadline fails at once', async () => {
  const { names, waits } = await start(send(429, 'Too many requests', { 'retry-after': '21' }));
  await expect(names()).rejects.toMatchObject({
    code: 'api-failed',
    message: expect.stringContaining('answered 429: Too many requests'),
  });
  expect(waits).toEqual([]);
});

test('after a 401 the list is asked for once more with a new token', async () => {
  const { names } = await start(inTurn(send(401, ''), page('abc')));
  expect(await names()).toEqual([...'abc']);
});

const forbidden = 'pods is forbidden: User "arn:aws:sts::1:assumed-role/x" cannot list resource "pods"';

test.each<[number, string, string, string]>([
  [401, statusBody(401, 'Unauthorized', 'Unauthorized'), 'api-unauthorized', 'answered 401: Unauthorized'],
  [403, statusBody(403, 'Forbidden', forbidden), 'api-forbidden', `answered 403: ${forbidden}`],
  [404, '404 page not found\n', 'api-failed', 'answered 404: 404 page not found'],
  [406, statusBody(406, 'NotAcceptable', 'only json'), 'api-failed', 'answered 406: only json'],
  [410, statusBody(410, 'Expired', 'too old'), 'api-failed', 'answered 410: too old'],
  [500, statusBody(500, 'InternalError', 'etcdserver: no leader'), 'api-failed', 'etcdserver: no leader'],
  [503, 'upstream connect error', 'api-failed', 'answered 503: upstream connect error'],
  [200, '<html>', 'api-failed', 'Unexpected token'],
  [200, '{"kind":"PodList"}', 'api-failed', 'the answer is of kind "PodList", not Table'],
  [200, statusBody(500, 'x', 'y'), 'api-failed', 'the answer is of kind "Status", not Table'],
])('status %i with %s fails with its code', async (status, body, code, message) => {
  const { names, port } = await start(send(status, body));
  const error = await names().catch((reason) => reason);
  expect(error).toBeInstanceOf(CollectorError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(error.message).toContain(`listing pods of kube-system at localhost:${port}`);
  expect(error.message).not.toContain('token-');
});

const cut: Handle = (_request, response) => {
  response.write('{"kind":');
  setImmediate(() => response.stream.session?.socket.destroy());
};
const failing = send(500, statusBody(500, 'InternalError', 'etcdserver: leader changed'));

test.each([
  { what: 'a lost connection', handle: cut, code: 'api-unreachable' },
  { what: 'an error of the API server', handle: failing, code: 'api-failed' },
])('after $what the list is asked for again, with growing pauses', async ({ handle, code }) => {
  const brief = await start(inTurn(handle, handle, handle, page('abc')));
  expect(await brief.names()).toEqual([...'abc']);
  expect(brief.waits).toEqual([1_000, 2_000]);
  const lasting = await start(handle);
  await expect(lasting.names()).rejects.toMatchObject({ code });
  expect(lasting.waits).toEqual([1_000, 2_000]);
});

const denied = send(403, statusBody(403, 'Forbidden', forbidden));

test('a 403 is final, unless the API server was away or has listed a page', async () => {
  const missing = await start(denied);
  await expect(missing.names()).rejects.toMatchObject({ code: 'api-forbidden' });
  expect(missing.waits).toEqual([]);
  const restarted = await start(inTurn(cut, denied, denied, page('abc')));
  expect(await restarted.names()).toEqual([...'abc']);
  expect(restarted.waits).toEqual([1_000, 2_000]);
  const between = await start(inTurn(page('abc', 'x'), denied, page('d')));
  expect(await between.names()).toEqual([...'abcd']);
  const lasting = await start(inTurn(cut, denied));
  await expect(lasting.names()).rejects.toMatchObject({ code: 'api-forbidden' });
  expect(lasting.waits).toEqual([1_000, 2_000, 2_000]);
});

test('an answer that never ends fails at the deadline', async () => {
  const { names } = await start(
    inTurn(page('abc'), (_request, response) => {
      const timer = setInterval(() => response.write(' '), 10);
      response.once('close', () => clearInterval(timer));
    }),
  );
  await names();
  await expect(names(80)).rejects.toMatchObject({
    code: 'api-failed',
    message: expect.stringContaining('no complete answer in time'),
    remedy: expect.stringContaining('a list hangs while etcd does not answer'),
  });
});

const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024 + 1, ' '));
const tooLarge: Handle = (_request, response) => {
  response.writeHead(200, { 'content-encoding': 'gzip' });
  response.end(bomb);
};

test('a page of more than 20 MiB is asked for again with fewer pods, and the next ones with more', async () => {
  const asked: unknown[] = [];
  const answers = inTurn(tooLarge, page('ab', 'x'), tooLarge, tooLarge, page('c', 'y'), page('d'));
  const { names } = await start((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'https://host');
    asked.push([searchParams.get('limit'), searchParams.get('continue')]);
    answers(request, response);
  });
  expect(await names()).toEqual([...'abcd']);
  expect(asked).toEqual([
    ['5000', null],
    ['625', null],
    ['1250', 'x'],
    ['157', 'x'],
    ['20', 'x'],
    ['40', 'y'],
  ]);
});

test('a page of one pod that is too large is refused', async () => {
  const limits: unknown[] = [];
  const { names } = await start((request, response) => {
    limits.push(new URL(request.url ?? '', 'https://host').searchParams.get('limit'));
    tooLarge(request, response);
  });
  await expect(names()).rejects.toMatchObject({
    code: 'api-failed',
    message: expect.stringContaining('larger than 20971520 bytes'),
  });
  expect(limits).toEqual(['5000', '625', '79', '10', '2', '1']);
});
