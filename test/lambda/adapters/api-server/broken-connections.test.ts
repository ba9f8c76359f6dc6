import { constants } from 'node:http2';
import { expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import { scrape } from '../../../../lambda/collect/scrape.ts';
import { ScrapeError } from '../../../../lambda/errors.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { table } from '../../../support/pod-rows.ts';
import { apiOver, echo, podOf, startApi } from '../../../support/served-api.ts';
import { type Handle, startServer, statusBody } from '../../../support/tls-server.ts';

const OFFENDER = 'p7';
const PODS = Array.from({ length: 25 }, (_, index) => ({ name: `p${index}`, node: '' }));

/** One byte of this character takes more than one in HPACK, so that no compression helps. */
const filler = (bytes: number) => '{'.repeat(bytes);

test.each<{ what: string; headers: Readonly<Record<string, string>> }>([
  {
    what: '60 headers of 3 KB',
    headers: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x-${index}`, filler(3_000)])),
  },
  { what: 'one header of 90 KB', headers: { 'x-0': filler(90_000) } },
])('a pod that answers with $what costs no other pod, and the next cycle no request', async ({ headers }) => {
  const asked: string[] = [];
  const answer: Handle = (request, response) => {
    if (podOf(request.url) === OFFENDER) response.writeHead(200, headers);
    response.end('awscni_eni_max 4\n');
  };
  const held: (() => void)[] = [];
  let sharing = true;
  const { access } = await startServer(
    (request, response) => {
      asked.push(podOf(request.url));
      if (!sharing) return answer(request, response);
      held.push(() => answer(request, response));
      if (held.length < PODS.length) return;
      sharing = false;
      for (const release of held) release();
    },
    { maxHeaderBytes: 1_048_576 },
  );
  const { api } = apiOver(access);
  const cycle = async () => {
    const failed: string[] = [];
    const options = {
      concurrency: 50,
      timeoutMs: 5_000,
      deadline: deadlineIn(),
      clock: SYSTEM_CLOCK,
    };
    await scrape(api, PODS, options, ({ name }, result) => {
      if (result instanceof ScrapeError) failed.push(name);
    });
    return failed;
  };

  expect(await cycle()).toEqual([OFFENDER]);
  asked.length = 0;
  expect(await cycle()).toEqual([OFFENDER]);
  const neighbors = asked.filter((name) => name !== OFFENDER).sort();
  expect(neighbors).toEqual(
    PODS.map(({ name }) => name)
      .filter((name) => name !== OFFENDER)
      .sort(),
  );
});

test('an answer that breaks a connection of its own twice is named, and not retried', async () => {
  const { failure, read } = await startApi(
    (request, response) => {
      if (podOf(request.url) === 'other') return echo(request, response);
      response.writeHead(200, { 'x-0': filler(90_000) });
      response.end();
    },
    { maxHeaderBytes: 1_048_576 },
  );
  const lost = { code: 'connection-lost', retryable: true };
  expect(await failure()).toMatchObject(lost);
  expect(await failure()).toMatchObject(lost);
  for (let again = 0; again < 2; again += 1)
    expect(await failure()).toEqual({
      code: 'not-ipamd',
      message:
        'the connection breaks each time this answer arrives, even if it carries no other: connection closed early: Protocol error',
      retryable: false,
    });
  expect(await read('other')).toBe('other');
});

test('a lost connection whose request is answered the next time is forgotten', async () => {
  const paths: string[] = [];
  let cut = true;
  const { read, failure, accepted } = await startApi((request, response) => {
    paths.push(podOf(request.url));
    if (cut) response.stream.session?.destroy();
    else echo(request, response);
  });
  expect(await failure()).toMatchObject({ code: 'connection-lost', retryable: true });
  cut = false;
  // The first of them alone.
  for (let times = 0; times < 3; times += 1) await read('aws-node-abcde');
  expect(accepted()).toBe(3);
});

test('close ends a request that is sent alone', async () => {
  const arrived = Promise.withResolvers<void>();
  let lost = false;
  const { api, failure } = await startApi((_request, response) => {
    if (lost) return arrived.resolve();
    lost = true;
    response.stream.session?.destroy();
  });
  await failure();
  const failing = failure();
  await arrived.promise;
  api.close();
  expect(await failing).toMatchObject({ code: 'connection-lost' });
});

/** Refuses every stream of the first connection, yet answers its pings. */
const refusing =
  (accepted: () => number, handle: Handle): Handle =>
  (request, response) => {
    if (accepted() > 1) return handle(request, response);
    response.stream.on('error', () => {});
    response.stream.close(constants.NGHTTP2_REFUSED_STREAM);
  };

test('a connection that refuses every stream is replaced, and costs no request', async () => {
  const handle: Handle = (request, response) =>
    podOf(request.url) ? echo(request, response) : response.end(table([{ name: 'a' }]));
  const server = await startServer((request, response) =>
    refusing(server.accepted, handle)(request, response),
  );
  const { api, readAll } = apiOver(server.access);
  expect((await api.listPods(deadlineIn())).map(({ name }) => name)).toEqual(['a']);
  expect(await readAll(3)).toEqual(['p0', 'p1', 'p2']);
  expect(server.accepted()).toBe(2);
});

test('a server that refuses every stream of every connection is an error, not a loop', async () => {
  let asked = 0;
  const { failure } = await startApi((_request, response) => {
    asked += 1;
    response.stream.on('error', () => {});
    response.stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  expect(await failure()).toMatchObject({ code: 'connection-lost', retryable: true });
  expect(asked).toBe(4);
});

test('a connection on which nothing is answered any more is replaced', async () => {
  const { failure, read, accepted } = await startApi((request, response) => {
    if (accepted() > 1) echo(request, response);
  });
  for (let times = 0; times < 3; times += 1)
    expect(await failure(150)).toMatchObject({ code: 'scrape-timeout' });
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(2);
});

test('answers between the failures keep a connection', async () => {
  const { failure, read, accepted } = await startApi((request, response) => {
    if (podOf(request.url) === 'good') return echo(request, response);
    response.stream.on('error', () => {});
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
  for (let times = 0; times < 4; times += 1) {
    await failure();
    await failure();
    await read('good');
  }
  expect(accepted()).toBe(1);
});

test('the GOAWAY that follows a 401 costs no request', async () => {
  const { readAll, accepted } = await startApi((request, response) => {
    const { session } = response.stream;
    if (request.headers.authorization !== 'Bearer token-0') return echo(request, response);
    response.statusCode = 401;
    response.end(statusBody(401, 'Unauthorized', 'Unauthorized'), () => session?.goaway());
  });
  expect(await readAll(10)).toEqual(Array.from({ length: 10 }, (_, index) => `p${index}`));
  expect(accepted()).toBe(2);
});
