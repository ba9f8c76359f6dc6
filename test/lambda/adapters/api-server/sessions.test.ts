import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { clusterApi } from '../../../../lambda/adapters/api-server/cluster-api.ts';
import type { ScrapeError } from '../../../../lambda/errors.ts';
import { type Handle, type ServerOptions, startServer } from '../../../support/tls-server.ts';

const BUDGET_MS = 30_000;

afterEach(() => {
  vi.useRealTimers();
});

async function start(handle: Handle, options: ServerOptions = {}) {
  const server = await startServer(handle, options);
  const api = clusterApi(server.connection, async () => {});
  onTestFinished(() => api.close());
  const read = async (name: string) =>
    Buffer.from(await api.readMetrics({ name, node: '' }, BUDGET_MS)).toString();
  /** All at once: the text or the code of each. */
  const readAll = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => read(`p${i}`).catch(({ code }: ScrapeError) => code)),
    );
  return { ...server, api, read, readAll };
}

const podOf = (path = '') => /pods\/(.*):61678/.exec(path)?.[1] ?? '';
const echo: Handle = (request, response) => response.end(podOf(request.url));

/** Holds the answers until `count` requests are there, then gives them all. */
function gate(count: number): Handle {
  const held: (() => void)[] = [];
  return (request, response) => {
    held.push(() => echo(request, response));
    if (held.length === count) for (const release of held) release();
  };
}

/** Counts the streams open at once, a session. */
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

/** A way to the server that can forget its connections, as a firewall does: no byte passes, and no reset tells. */
async function startWay(to: number) {
  const passing = new Set<Socket>();
  const way = createServer((inner) => {
    const outer = connect(to, '127.0.0.1');
    for (const socket of [inner, outer]) {
      passing.add(socket);
      socket.on('error', () => {});
    }
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of passing) socket.destroy();
    way.close();
  });
  const address = way.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    forget: () => {
      for (const socket of passing) socket.unpipe().pause();
    },
  };
}

test('spreads streams over sessions, a hundred each', async () => {
  const { metered, peaks } = meter(gate(250));
  const { readAll } = await start(metered);
  expect(await readAll(250)).toEqual(Array.from({ length: 250 }, (_, i) => `p${i}`));
  expect(peaks().sort((a, b) => a - b)).toEqual([50, 100, 100]);
});

test("keeps to the server's own limit of streams", async () => {
  const { metered, peaks } = meter(gate(60));
  const { readAll } = await start(metered, { settings: { maxConcurrentStreams: 10 } });
  expect(await readAll(60)).toEqual(Array.from({ length: 60 }, (_, i) => `p${i}`));
  expect(Math.max(...peaks())).toBe(10);
});

test('a server that allows no stream at all is an error, not a loop', async () => {
  const { api, accepted } = await start(echo, { settings: { maxConcurrentStreams: 0 } });
  await expect(api.listPods(BUDGET_MS)).rejects.toMatchObject({ code: 'api-unreachable' });
  expect(accepted()).toBe(1);
});

test('loses no byte of 2,000 packed answers', async () => {
  const exposition = (name: string) =>
    Array.from({ length: 400 }, (_, i) => `awscni_assigned_ip_per_cidr{cidr="${name}-${i}"} ${i}\n`).join('');
  const { readAll } = await start((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(exposition(podOf(request.url)), { level: 1 }));
  });
  const texts = await readAll(2000);
  expect(texts.filter((text, i) => text !== exposition(`p${i}`))).toEqual([]);
});

test('over HTTP/1.1, opens as many connections as requests at hand and keeps them', async () => {
  let handle = gate(20);
  const { readAll, accepted } = await start((request, response) => handle(request, response), {
    protocol: 'http/1.1',
  });
  expect(await readAll(20)).toEqual(Array.from({ length: 20 }, (_, i) => `p${i}`));
  const opened = accepted();
  handle = gate(20);
  expect(await readAll(20)).toEqual(Array.from({ length: 20 }, (_, i) => `p${i}`));
  expect(accepted()).toBe(opened);
});

test('over HTTP/1.1, a server that closes after each answer is served all the same', async () => {
  const { readAll, accepted } = await start(
    (request, response) => {
      response.setHeader('connection', 'close');
      echo(request, response);
    },
    { protocol: 'http/1.1' },
  );
  expect(await readAll(5)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  expect(await readAll(3)).toEqual(['p0', 'p1', 'p2']);
  expect(accepted()).toBeGreaterThanOrEqual(8);
});

test('a GOAWAY refuses what was not processed, retryably, and retires the session', async () => {
  const held: ServerHttp2Stream[] = [];
  const { readAll, read, accepted } = await start((request, response) => {
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
  expect((await readAll(4)).sort()).toEqual(['connection-lost', 'connection-lost', 'processed', 'processed']);
  expect(await read('later')).toBe('later');
  expect(accepted()).toBe(2);
});

test.each<[string, (stream: ServerHttp2Stream) => void]>([
  ['a reset stream', (stream) => stream.destroy(new Error('as a proxy that lost its backend'))],
  [
    'a GOAWAY with an error',
    (stream) => stream.session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, stream.id ?? 0),
  ],
  ['a session destroyed', (stream) => stream.session?.destroy()],
])('%s in the middle of the body is no answer, and may be retried', async (_, breakOff) => {
  let healthy = false;
  const { api, read } = await start((request, response) => {
    if (healthy) return echo(request, response);
    response.stream.on('error', () => {});
    response.writeHead(200);
    response.write('awscni_eni_allocated 1\n', () => breakOff(response.stream));
  });
  await expect(api.readMetrics({ name: 'a', node: '' }, BUDGET_MS)).rejects.toMatchObject({
    code: 'connection-lost',
    retryable: true,
  });
  healthy = true;
  expect(await read('b')).toBe('b');
});

test.each<{ what: string; protocol: 'h2' | 'http/1.1'; connections: number }>([
  { what: 'checked and kept', protocol: 'h2', connections: 1 },
  { what: 'replaced, since it cannot be checked', protocol: 'http/1.1', connections: 2 },
])('after a silence a connection of $protocol is $what', async ({ protocol, connections }) => {
  const { read, accepted } = await start(echo, { protocol });
  await read('a');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(connections);
});

test('a connection that died in silence is replaced before it costs a request', async () => {
  const { connection, port, accepted } = await startServer(echo);
  const way = await startWay(port);
  const api = clusterApi(
    { ...connection, endpoint: new URL(`https://localhost:${way.port}`) },
    async () => {},
  );
  onTestFinished(() => api.close());
  const read = async (name: string) =>
    Buffer.from(await api.readMetrics({ name, node: '' }, BUDGET_MS)).toString();
  await read('a');
  way.forget();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(2);
});

test.each<{ protocol: 'h2' | 'http/1.1' }>([{ protocol: 'h2' }, { protocol: 'http/1.1' }])(
  'an idle connection of $protocol does not keep the process up',
  async ({ protocol }) => {
    const { connection } = await startServer(echo, { protocol });
    const program = `
      import { clusterApi } from './lambda/adapters/api-server/cluster-api.ts';
      const [endpoint, ca] = process.argv.slice(1);
      const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
      const api = clusterApi({ endpoint: new URL(endpoint), ca, credentials }, async () => {});
      console.log(Buffer.from(await api.readMetrics({ name: 'p', node: '' }, 20000)).toString());`;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', program, connection.endpoint.href, connection.ca],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toBe('p\n');
  },
);

test('close ends what is under way', async () => {
  const arrived = Promise.withResolvers<void>();
  const { api } = await start(() => arrived.resolve());
  const reading = api.readMetrics({ name: 'p', node: '' }, BUDGET_MS);
  await arrived.promise;
  api.close();
  await expect(reading).rejects.toMatchObject({ code: 'connection-lost' });
});
