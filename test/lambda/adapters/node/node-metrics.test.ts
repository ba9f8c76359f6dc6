import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ExpositionError } from '../../../../lambda/domain/exposition/error.ts';
import { openBlackHole } from '../../../../local/fault-injection/black-hole.ts';
import { onNextAddress } from '../../../../local/loopback-nodes.ts';
import { nodeAt, startNode, startRawNode } from '../../../support/node-server.ts';

const METRICS = 'awscni_assigned_ip_addresses 3\nawscni_total_ip_addresses 10\n';
/** Long enough for a loaded machine to connect, short enough to wait for. */
const SHORT_MS = 300;
const MAX_BYTES = 16 * 1024 * 1024;
const GOOD = `HTTP/1.1 200 OK\r\ncontent-length: ${METRICS.length}\r\n\r\n${METRICS}`;

test('asks for /metrics with gzip, without credentials, over a connection for each read', async () => {
  const seen: unknown[] = [];
  const { address, read, accepted } = await startNode(({ method, url, headers }, response) => {
    seen.push({ method, url, ...headers });
    response.end(METRICS);
  });
  expect(await read()).not.toBeInstanceOf(ExpositionError);
  await read();
  const request = {
    method: 'GET',
    url: '/metrics',
    host: `${address}:61678`,
    accept: 'text/plain;version=0.0.4',
    'accept-encoding': 'gzip',
    'user-agent': 'eks-cni-metrics',
    connection: 'close',
  };
  expect(seen).toEqual([request, request]);
  expect(accepted()).toBe(2);
});

test('reads gzip', async () => {
  const { read } = await startNode((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(METRICS));
  });
  expect(await read()).toHaveProperty('gauges.0', 3);
});

test.each([
  ['a redirect', 302, { location: 'http://169.254.169.254/' }, 'not-ipamd', false],
  ['not found', 404, {}, 'not-ipamd', false],
  ['too many requests', 429, {}, 'not-ipamd', false],
  ['ipamd cannot gather', 500, {}, 'bad-status', false],
  ['bad gateway', 502, {}, 'bad-status', true],
  ['unavailable', 503, {}, 'bad-status', true],
])('%s (%i) is a failure of this node alone', async (text, status, headers, code, retryable) => {
  const { failure, accepted } = await startNode((_request, response) => {
    response.writeHead(status, headers);
    response.end(`${text}\n`);
  });
  expect(await failure()).toEqual({
    code,
    message: `status ${status}: ${text}`,
    ...(retryable && { retryable }),
  });
  expect(accepted()).toBe(1);
});

test('text of something else is not taken for metrics', async () => {
  const { read } = await startNode((_request, response) => response.end('<html>It works!</html>\n'));
  expect(await read()).toBeInstanceOf(ExpositionError);
});

test.each([
  ['not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', { code: 'not-ipamd' }],
  ['headers of 20 KB', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, { code: 'not-ipamd' }],
  [
    'two lengths',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc',
    { code: 'not-ipamd' },
  ],
  [
    'length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nup\r\n0\r\n\r\n',
    { code: 'not-ipamd' },
  ],
  ['no end but that of the connection', `HTTP/1.1 200 OK\r\n\r\n${METRICS}`, { code: 'not-ipamd' }],
  ['nothing', '', { code: 'answer-incomplete', retryable: true }],
  [
    'less than announced',
    `HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${METRICS}`,
    { code: 'answer-incomplete', retryable: true },
  ],
  [
    'chunks without an end',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nawscn',
    { code: 'answer-incomplete', retryable: true },
  ],
  [
    'another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    { code: 'answer-incomplete', retryable: true },
  ],
  // Each costs the function time or memory as long as its deadline lasts.
  ['interim answers', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(6)}${GOOD}`, { code: 'unparsable' }],
  [
    'pieces of a byte',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\n\n\r\n'.repeat(1_025)}0\r\n\r\n`,
    { code: 'unparsable', message: '1025 bytes of the answer came in 1025 pieces' },
  ],
  [
    'line feeds before the answer',
    Buffer.concat([Buffer.alloc(MAX_BYTES + 1024 * 1024, '\n'), Buffer.from(GOOD)]),
    { code: 'answer-too-large' },
  ],
])('%s', async (_what, bytes, failed) => {
  const { failure } = await startRawNode(bytes);
  expect(await failure()).toMatchObject(failed);
});

test('16 MiB are accepted and no byte more, plain or decompressed', async () => {
  const line = '# filler\n';
  let size = MAX_BYTES;
  let packed = false;
  const { read, failure } = await startNode((_request, response) => {
    const body = Buffer.alloc(size, line);
    body.write(METRICS, size - METRICS.length);
    body.write('\n', size - METRICS.length - 1);
    if (packed) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body, { level: 1 }));
    else response.end(body);
  });
  expect(await read()).toHaveProperty('gauges.0', 3);
  size += 1;
  const tooLarge = { code: 'answer-too-large', message: `the answer is larger than ${MAX_BYTES} bytes` };
  expect(await failure()).toEqual(tooLarge);
  packed = true;
  expect(await failure()).toEqual(tooLarge);
});

test('a node that does not answer is slow, and its connection is closed', async () => {
  const closed = Promise.withResolvers<void>();
  const { address, failure } = await startNode((request) => {
    request.socket.once('close', () => closed.resolve());
  });
  expect(await failure(SHORT_MS)).toEqual({
    code: 'node-slow',
    message: `${address}:61678 is connected: no complete answer in time, nothing of it has arrived`,
  });
  await closed.promise;
});

/** As a machine that is overloaded makes the process of the function. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('what arrives while the process stands still counts as in time', async () => {
  const { read } = await startNode((_request, response) =>
    response.end(METRICS, () => standStill(2 * SHORT_MS)),
  );
  expect(await read(SHORT_MS)).toHaveProperty('gauges.0', 3);
  const { read: dial } = await startNode((_request, response) => response.end(METRICS));
  const reading = dial();
  standStill(2_100);
  expect(await reading).toHaveProperty('gauges.0', 3);
});

test('a port that nothing listens on is refused', async () => {
  const { address, failure, stop } = await startNode(() => undefined);
  await stop();
  expect(await failure()).toEqual({
    code: 'port-refused',
    message: `connect ECONNREFUSED ${address}:61678`,
  });
});

test('dropped packets are told from a slow node, after 2 s or at the deadline', async () => {
  const { address, listener } = await onNextAddress(() => createServer());
  await new Promise((closed) => listener.close(closed));
  const hole = await openBlackHole([address], 61_678);
  try {
    const { failure } = nodeAt(address);
    expect(await failure()).toEqual({
      code: 'node-unreachable',
      message: `no TCP connection to ${address}:61678 within 2000 ms`,
    });
    expect(await failure(SHORT_MS)).toEqual({
      code: 'node-unreachable',
      message: `no TCP connection to ${address}:61678 in time`,
    });
  } finally {
    await hole.close();
  }
});

test('connects to no address that it must not', async () => {
  const { address, accepted } = await startNode((_request, response) => response.end(METRICS));
  expect(await nodeAt(address, ['10.0.0.0/8']).failure()).toEqual({
    code: 'address-refused',
    message: `${address} is not in NODE_CIDRS`,
  });
  expect(accepted()).toBe(0);
  expect(await nodeAt(undefined).failure()).toMatchObject({ code: 'pod-without-address' });
});
