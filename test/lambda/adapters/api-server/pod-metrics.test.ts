import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clusterApi } from '../../../../lambda/adapters/api-server/cluster-api.ts';
import type { ScrapeError } from '../../../../lambda/errors.ts';
import { type Handle, type ServerOptions, startServer, statusBody } from '../../../support/tls-server.ts';

const POD = { name: 'aws-node-abcde', node: 'ip-10-0-0-1.ec2.internal' };
const BUDGET_MS = 20_000;
const SHORT_MS = 80;

async function start(handle: Handle, options: ServerOptions = {}) {
  const server = await startServer(handle, options);
  const api = clusterApi(server.connection, async () => {});
  onTestFinished(() => api.close());
  const read = async (budgetMs = BUDGET_MS) => Buffer.from(await api.readMetrics(POD, budgetMs)).toString();
  const failure = async (budgetMs = BUDGET_MS): Promise<Partial<ScrapeError>> => {
    const error: ScrapeError = await read(budgetMs).then(
      (text) => {
        throw new Error(`read ${text.length} characters`);
      },
      (reason) => reason,
    );
    const { name, code, message, retryable, retryAfterMs } = error;
    expect(name).toBe('ScrapeError');
    return { code, message, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  };
  return { ...server, api, read, failure };
}

/** Answers the first request at once, so that a short budget is spent on the second answer, not on connecting. */
function afterFirst(handle: Handle): Handle {
  let warm = false;
  return (request, response) => {
    if (warm) return handle(request, response);
    warm = true;
    response.end('warm');
  };
}

const gzipped =
  (body: string | Buffer): Handle =>
  (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
    response.end(gzipSync(body));
  };

test('asks the API server for the path of the pod, with token and gzip', async () => {
  const seen: unknown[] = [];
  const { api } = await start(({ method, url, headers }, response) => {
    seen.push({ method, url, authorization: headers.authorization, encoding: headers['accept-encoding'] });
    response.end('up 1\n');
  });
  await api.readMetrics({ name: 'aws-node-x/../y', node: '' }, BUDGET_MS);
  expect(seen).toEqual([
    {
      method: 'GET',
      url: '/api/v1/namespaces/kube-system/pods/aws-node-x%2F..%2Fy:61678/proxy/metrics',
      authorization: 'Bearer token-0',
      encoding: 'gzip',
    },
  ]);
});

describe.each<{ protocol: 'h2' | 'http/1.1' }>([{ protocol: 'h2' }, { protocol: 'http/1.1' }])(
  'over $protocol',
  ({ protocol }) => {
    const run = (handle: Handle) => start(handle, { protocol });

    test('gives the plain bytes of plain and gzip answers, again and again', async () => {
      let count = 0;
      const { read, accepted } = await run((request, response) => {
        count += 1;
        if (count % 2) gzipped(`answer ${count}`)(request, response);
        else response.end(`answer ${count}`);
      });
      expect([await read(), await read(), await read()]).toEqual(['answer 1', 'answer 2', 'answer 3']);
      expect(accepted()).toBe(1);
    });

    test('an empty answer is an answer', async () => {
      const { read } = await run((_request, response) => response.end());
      expect(await read()).toBe('');
    });

    test('accepts 2 MiB and no byte more, plain or unpacked', async () => {
      let body = Buffer.alloc(2 * 1024 * 1024, 'x');
      let packed = false;
      const { read, failure } = await run((request, response) =>
        packed ? gzipped(body)(request, response) : response.end(body),
      );
      expect((await read()).length).toBe(body.length);
      packed = true;
      expect((await read()).length).toBe(body.length);
      body = Buffer.alloc(body.length + 1, 'x');
      const tooLarge = {
        code: 'answer-too-large',
        message: 'the answer is larger than 2097152 bytes',
        retryable: false,
      };
      expect(await failure()).toEqual(tooLarge);
      packed = false;
      expect(await failure()).toEqual(tooLarge);
    });

    test('stops a gzip bomb', async () => {
      const { failure } = await run(gzipped(Buffer.alloc(64 * 1024 * 1024)));
      expect(await failure()).toMatchObject({ code: 'answer-too-large', retryable: false });
    });

    test.each([
      { what: 'cut short', encoding: 'gzip', body: gzipSync('up 1\n'.repeat(100)).subarray(0, -9) },
      { what: 'not gzip at all', encoding: 'gzip', body: Buffer.from('up 1\n') },
      { what: 'of another encoding', encoding: 'br', body: Buffer.from('up 1\n') },
    ])('refuses a body $what', async ({ encoding, body }) => {
      const { failure } = await run((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding });
        response.end(body);
      });
      expect(await failure()).toMatchObject({ code: 'unparsable', retryable: false });
    });

    test('a never-ending body ends with the budget, and the server learns of it', async () => {
      const left = Promise.withResolvers<void>();
      const { read, failure } = await run(
        afterFirst((_request, response) => {
          response.on('error', () => {});
          response.once('close', () => left.resolve());
          const more = () => {
            while (!response.writableEnded && !response.destroyed && response.write('a 1\n')) {}
          };
          response.on('drain', () => setImmediate(more));
          more();
        }),
      );
      await read();
      expect(['scrape-timeout', 'answer-too-large']).toContain((await failure(SHORT_MS)).code);
      await left.promise;
    });

    test('a slow drip ends with the budget, however regular', async () => {
      const { read, failure } = await run(
        afterFirst((_request, response) => {
          const timer = setInterval(() => response.write('x'), 10);
          response.once('close', () => clearInterval(timer));
        }),
      );
      await read();
      expect(await failure(SHORT_MS)).toEqual({
        code: 'scrape-timeout',
        message: 'no complete answer in time',
        retryable: false,
      });
    });

    test('silence ends with the budget, and costs no other request', async () => {
      let silent = true;
      const { failure, read } = await run(
        afterFirst((_request, response) => {
          if (!silent) response.end('ok');
        }),
      );
      await read();
      expect(await failure(SHORT_MS)).toMatchObject({ code: 'scrape-timeout' });
      silent = false;
      expect(await read()).toBe('ok');
    });

    test('a connection cut in the middle of the body is no answer', async () => {
      let healthy = false;
      const server = await run((_request, response) => {
        response.writeHead(200);
        response.write('awscni_eni_allocated 1\n');
        if (healthy) response.end();
        else setImmediate(() => server.cut());
      });
      expect(await server.failure()).toMatchObject({ code: 'connection-lost', retryable: true });
      healthy = true;
      expect(await server.read()).toBe('awscni_eni_allocated 1\n');
    });

    test('a server that forgets its connections costs one retry', async () => {
      const server = await run((_request, response) => response.end('ok'));
      expect(await server.read()).toBe('ok');
      server.cut();
      const again = () =>
        server.read().catch((error: ScrapeError) => (error.retryable ? server.read() : error.message));
      expect(await again()).toBe('ok');
    });

    test('401 is asked again with a renewed token', async () => {
      const seen: (string | undefined)[] = [];
      const { read } = await run(({ headers }, response) => {
        seen.push(headers.authorization);
        response.statusCode = headers.authorization === 'Bearer token-0' ? 401 : 200;
        response.end('ok');
      });
      expect(await read()).toBe('ok');
      expect(await read()).toBe('ok');
      expect(seen).toEqual(['Bearer token-0', 'Bearer token-1', 'Bearer token-1']);
    });
  },
);

test('streams answered with 401 together share one renewal', async () => {
  const seen = new Map<string, number>();
  const { api } = await start(({ headers: { authorization = '' } }, response) => {
    seen.set(authorization, (seen.get(authorization) ?? 0) + 1);
    response.statusCode = authorization === 'Bearer token-0' ? 401 : 200;
    response.end('ok');
  });
  await Promise.all([1, 2, 3, 4].map(() => api.readMetrics(POD, BUDGET_MS)));
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
    const { failure } = await start((_request, response) => {
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
  const { failure } = await start((_request, response) => {
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
  const { failure } = await start(({ headers }, response) => {
    response.statusCode = 500;
    response.end(`failed\n<pre>authorization: ${headers.authorization}, k8s-aws-v1.aHR0cHM6Ly9</pre>`);
  });
  expect((await failure()).message).toBe(
    'status 500: failed <pre>authorization: Bearer [token] [token]</pre>',
  );
});

test('a long answer is cut in the report', async () => {
  const { failure } = await start((_request, response) => {
    response.statusCode = 500;
    response.end('x'.repeat(100_000));
  });
  expect((await failure()).message).toBe(`status 500: ${'x'.repeat(300)}`);
});
