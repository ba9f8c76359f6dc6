import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { apiClient } from '../../../../lambda/adapters/api-server/client.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import type { ScrapeError } from '../../../../lambda/errors.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { startApi } from '../../../support/served-api.ts';
import type { Handle } from '../../../support/tls-server.ts';

const SHORT_MS = 80;

/** Answers the first request at once, so that a short deadline applies to the second answer and not to connecting. */
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

describe.each<{ protocol: 'h2' | 'http/1.1' }>([{ protocol: 'h2' }, { protocol: 'http/1.1' }])(
  'over $protocol',
  ({ protocol }) => {
    const run = (handle: Handle) => startApi(handle, { protocol });

    test('returns the plain bytes of plain and gzip answers on one connection', async () => {
      let count = 0;
      const { read, accepted } = await run((request, response) => {
        count += 1;
        if (count % 2) gzipped(`answer ${count}`)(request, response);
        else response.end(`answer ${count}`);
      });
      expect([await read('p'), await read('p'), await read('p')]).toEqual([
        'answer 1',
        'answer 2',
        'answer 3',
      ]);
      expect(accepted()).toBe(1);
    });

    test('accepts an empty answer', async () => {
      const { read } = await run((_request, response) => response.end());
      expect(await read('p')).toBe('');
    });

    test('accepts five interim answers and no more, since a pod can send any number of them', async () => {
      let interim = 5;
      const { read, failure } = await run((_request, response) => {
        for (let sent = 0; sent < interim; sent += 1) response.writeEarlyHints({ link: '</x>; rel=preload' });
        response.end('answer');
      });
      expect(await read('p')).toBe('answer');
      interim += 1;
      expect(await failure()).toEqual({
        code: 'unparsable',
        message: 'more than 5 interim answers came before the answer',
        retryable: false,
      });
    });

    test('accepts 16 MiB and no byte more, plain or decompressed', async () => {
      let body = Buffer.alloc(16 * 1024 * 1024, 'x');
      let packed = false;
      const { read, failure } = await run((request, response) =>
        packed ? gzipped(body)(request, response) : response.end(body),
      );
      expect((await read('p')).length).toBe(body.length);
      packed = true;
      expect((await read('p')).length).toBe(body.length);
      body = Buffer.alloc(body.length + 1, 'x');
      const tooLarge = {
        code: 'answer-too-large',
        message: 'the answer is larger than 16777216 bytes',
        retryable: false,
      };
      expect(await failure()).toEqual(tooLarge);
      packed = false;
      expect(await failure()).toEqual(tooLarge);
    });

    test('an answer that is too large is not read, even if it is complete', async () => {
      const { access } = await run((_request, response) => {
        response.write('x'.repeat(90));
        response.end('x'.repeat(20));
      });
      const client = apiClient({ ...access, clock: SYSTEM_CLOCK });
      onTestFinished(() => client.close());
      const read = vi.fn();
      const request = { path: '/', accept: 'text/plain', deadline: deadlineIn() };
      await expect(client.get({ ...request, maxBytes: 100, read })).rejects.toMatchObject({
        fault: 'too-large',
      });
      // Until the connection is free again.
      await client.get({ ...request, maxBytes: 110, read: () => undefined });
      expect(read).not.toHaveBeenCalled();
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

    test('an endless body ends at the deadline, and the stream is closed for the server', async () => {
      const left = Promise.withResolvers<void>();
      const { read, failure } = await run(
        afterFirst((_request, response) => {
          response.on('error', () => {});
          response.once('close', () => left.resolve());
          const more = () => {
            while (!response.writableEnded && !response.destroyed && response.write('a 1\n'.repeat(1_000))) {}
          };
          response.on('drain', () => setImmediate(more));
          more();
        }),
      );
      await read('p');
      expect(['scrape-timeout', 'answer-too-large']).toContain((await failure(SHORT_MS)).code);
      await left.promise;
    });

    test('a body that arrives byte by byte ends at the deadline', async () => {
      const { read, failure } = await run(
        afterFirst((_request, response) => {
          const timer = setInterval(() => response.write('x'), 10);
          response.once('close', () => clearInterval(timer));
        }),
      );
      await read('p');
      expect(await failure(SHORT_MS)).toEqual({
        code: 'scrape-timeout',
        message: expect.stringMatching(/^no complete answer in time, \d+ bytes have arrived$/),
        retryable: false,
      });
    });

    test('a missing answer ends at the deadline and costs no other request', async () => {
      let silent = true;
      const { failure, read } = await run(
        afterFirst((_request, response) => {
          if (!silent) response.end('ok');
        }),
      );
      await read('p');
      expect(await failure(SHORT_MS)).toMatchObject({
        code: 'scrape-timeout',
        message: 'no complete answer in time, nothing of it has arrived',
      });
      silent = false;
      expect(await read('p')).toBe('ok');
    });

    test('a connection that breaks in the middle of the body gives no answer', async () => {
      let healthy = false;
      const server = await run((_request, response) => {
        response.writeHead(200);
        response.write('awscni_eni_allocated 1\n');
        if (healthy) response.end();
        else setImmediate(() => server.cut());
      });
      expect(await server.failure()).toMatchObject({
        code: protocol === 'h2' ? 'connection-lost' : 'answer-incomplete',
        retryable: true,
      });
      healthy = true;
      expect(await server.read('p')).toBe('awscni_eni_allocated 1\n');
    });

    test('a server that drops its connections costs one retry', async () => {
      const server = await run((_request, response) => response.end('ok'));
      expect(await server.read('p')).toBe('ok');
      server.cut();
      const again = () =>
        server.read('p').catch((error: ScrapeError) => (error.retryable ? server.read('p') : error.message));
      expect(await again()).toBe('ok');
    });

    test('after a 401 the request is sent again with a new token', async () => {
      const seen: (string | undefined)[] = [];
      const { read } = await run(({ headers }, response) => {
        seen.push(headers.authorization);
        response.statusCode = headers.authorization === 'Bearer token-0' ? 401 : 200;
        response.end('ok');
      });
      expect(await read('p')).toBe('ok');
      expect(await read('p')).toBe('ok');
      expect(seen).toEqual(['Bearer token-0', 'Bearer token-1', 'Bearer token-1']);
    });
  },
);
