import { constants, type ServerHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ScrapeFailureCode } from '../../../../lambda/domain/causes/scrape-failures.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { startTruncating } from '../../../support/raw-http2.ts';
import { apiOver, echo, podOf, startApi } from '../../../support/served-api.ts';
import { authority, bearer, type Handle } from '../../../support/tls-server.ts';

/** Holds the answers until `count` requests have arrived, then sends them all. */
function gate(count: number): Handle {
  const held: (() => void)[] = [];
  return (request, response) => {
    held.push(() => echo(request, response));
    if (held.length === count) for (const release of held) release();
  };
}

/** Counts the streams that are open at the same time in each session. */
function meter(handle: Handle) {
  const open = new Map<ServerHttp2Stream['session'], { now: number; most: number }>();
  const metered: Handle = (request, response) => {
    const count = open.get(response.stream.session) ?? { now: 0, most: 0 };
    open.set(response.stream.session, count);
    count.now += 1;
    count.most = Math.max(count.most, count.now);
    response.stream.once('close', () => {
      count.now -= 1;
    });
    handle(request, response);
  };
  return { metered, peaks: () => [...open.values()].map(({ most }) => most) };
}

test('spreads streams over connections, a hundred each', async () => {
  const { metered, peaks } = meter(gate(250));
  const { readAll } = await startApi(metered);
  expect(await readAll(250)).toEqual(Array.from({ length: 250 }, (_, i) => `p${i}`));
  expect(peaks().sort((a, b) => a - b)).toEqual([50, 100, 100]);
});

test("respects the server's own limit of streams", async () => {
  const { metered, peaks } = meter(gate(60));
  const { readAll } = await startApi(metered, { settings: { maxConcurrentStreams: 10 } });
  expect(await readAll(60)).toEqual(Array.from({ length: 60 }, (_, i) => `p${i}`));
  expect(Math.max(...peaks())).toBe(10);
});

test('a server that allows no stream at all is an error, not a loop', async () => {
  const { api, accepted } = await startApi(echo, { settings: { maxConcurrentStreams: 0 } });
  await expect(api.listPods(deadlineIn())).rejects.toMatchObject({ code: 'api-unreachable' });
  expect(accepted()).toBe(1);
});

test('loses no byte of 2,000 compressed answers', async () => {
  const exposition = (name: string) =>
    Array.from({ length: 400 }, (_, i) => `awscni_assigned_ip_per_cidr{cidr="${name}-${i}"} ${i}\n`).join('');
  const { readAll } = await startApi((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(exposition(podOf(request.url)), { level: 1 }));
  });
  const texts = await readAll(2000);
  expect(texts.filter((text, i) => text !== exposition(`p${i}`))).toEqual([]);
});

test('over HTTP/1.1, opens one connection for each waiting request and keeps them', async () => {
  let handle = gate(20);
  const { readAll, accepted } = await startApi((request, response) => handle(request, response), {
    protocol: 'http/1.1',
  });
  expect(await readAll(20)).toEqual(Array.from({ length: 20 }, (_, i) => `p${i}`));
  const opened = accepted();
  handle = gate(20);
  expect(await readAll(20)).toEqual(Array.from({ length: 20 }, (_, i) => `p${i}`));
  expect(accepted()).toBe(opened);
});

test('over HTTP/1.1, copes with a server that closes after each answer', async () => {
  const { read, readAll, accepted } = await startApi(
    (request, response) => {
      response.setHeader('connection', 'close');
      echo(request, response);
    },
    { protocol: 'http/1.1' },
  );
  expect(await readAll(5)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  expect([await read('a'), await read('b'), await read('c')]).toEqual(['a', 'b', 'c']);
  expect(accepted()).toBeGreaterThanOrEqual(8);
});

test('what a GOAWAY refuses is sent again on another connection', async () => {
  const held: ServerHttp2Stream[] = [];
  const { readAll, read, accepted } = await startApi((request, response) => {
    if (accepted() > 1) return echo(request, response);
    held.push(response.stream);
    if (held.length < 4) return;
    const [first, second] = held;
    second?.session?.goaway(constants.NGHTTP2_NO_ERROR, second.id ?? 0);
    for (const stream of [first, second]) {
      stream?.respond({ ':status': 200 });
      stream?.end('processed');
    }
  });
  expect(await readAll(4)).toEqual(['processed', 'processed', 'p2', 'p3']);
  expect(await read('later')).toBe('later');
  expect(accepted()).toBe(2);
});

test('a stream that ends early without an error is recognized by its announced length', async () => {
  const url = await startTruncating('awscni_eni_allocated 1\n', 100);
  const { certificate: ca } = await authority;
  expect(await apiOver({ endpoint: { url, ca }, credentials: bearer() }).failure()).toEqual({
    code: 'answer-incomplete',
    message: 'the answer ended after 23 of 100 bytes',
    retryable: true,
  });
});

test.each<[string, ScrapeFailureCode, (stream: ServerHttp2Stream) => void]>([
  ['a reset stream', 'answer-incomplete', (stream) => stream.destroy(new Error('the pod is lost'))],
  [
    'a GOAWAY with an error',
    'connection-lost',
    (stream) => stream.session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, stream.id ?? 0),
  ],
  ['a session destroyed', 'connection-lost', (stream) => stream.session?.destroy()],
])('%s in the middle of the body may be retried: %s', async (_, code, breakOff) => {
  let healthy = false;
  const { failure, read } = await startApi((request, response) => {
    if (healthy) return echo(request, response);
    response.stream.on('error', () => {});
    response.writeHead(200);
    response.write('awscni_eni_allocated 1\n', () => breakOff(response.stream));
  });
  expect(await failure()).toMatchObject({ code, retryable: true });
  healthy = true;
  expect(await read('b')).toBe('b');
});
