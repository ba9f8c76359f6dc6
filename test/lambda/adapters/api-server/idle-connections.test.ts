import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { dialer } from '../../../../lambda/adapters/api-server/dial.ts';
import { Http1Connection } from '../../../../lambda/adapters/api-server/http1-connection.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import { startDroppingNetwork } from '../../../support/dropping-network.ts';
import { apiOver, echo, startApi } from '../../../support/served-api.ts';
import { startServer } from '../../../support/tls-server.ts';

/** A clock whose wall time the test moves ahead. */
function movingClock() {
  let ahead = 0;
  return {
    clock: { ...SYSTEM_CLOCK, now: () => SYSTEM_CLOCK.now() + ahead },
    advance: (ms: number) => {
      ahead += ms;
    },
  };
}

test.each<{ what: string; protocol: 'h2' | 'http/1.1'; connections: number }>([
  { what: 'checked and kept', protocol: 'h2', connections: 1 },
  { what: 'replaced, since it cannot be checked', protocol: 'http/1.1', connections: 2 },
])('after an idle time a connection of $protocol is $what', async ({ protocol, connections }) => {
  const { access, accepted } = await startServer(echo, { protocol });
  const { clock, advance } = movingClock();
  const { read } = apiOver(access, clock);
  await read('a');
  advance(60_000);
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(connections);
});

test('an idle connection that died is replaced before it costs a request', async () => {
  const { access, port, accepted } = await startServer(echo);
  const network = await startDroppingNetwork(port);
  const { clock, advance } = movingClock();
  const { read } = apiOver({ ...access, endpoint: { ...access.endpoint, url: network.endpoint } }, clock);
  await read('a');
  network.drop();
  advance(60_000);
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(2);
});

test.each<{ protocol: 'h2' | 'http/1.1' }>([{ protocol: 'h2' }, { protocol: 'http/1.1' }])(
  'an idle connection of $protocol does not keep the process alive',
  async ({ protocol }) => {
    const {
      access: { endpoint },
    } = await startServer(echo, { protocol });
    const program = `
      import { apiClient } from './lambda/adapters/api-server/client.ts';
      import { clusterReader } from './lambda/adapters/api-server/cluster-reader.ts';
      import { SYSTEM_CLOCK as clock } from './lambda/adapters/system-clock.ts';
      import { Deadline } from './lambda/deadline.ts';
      const [url, ca] = process.argv.slice(1);
      const endpoint = { url: new URL(url), ca };
      const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
      const api = clusterReader(apiClient({ endpoint, credentials, clock }), clock);
      console.log((await api.readMetrics({ name: 'p', node: '' }, Deadline.in(20000, clock))).message);`;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', program, endpoint.url.href, endpoint.ca],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toMatch(/^line 1: .*"p"\n$/);
  },
);

test('a connection of HTTP/1.1 that breaks before its first request does not end the process', async () => {
  const {
    access: { endpoint, credentials },
  } = await startServer(echo, { protocol: 'http/1.1' });
  const socket = await dialer(endpoint, credentials)();
  const ended = Promise.withResolvers<void>();
  const connection = new Http1Connection(socket, endpoint.url, ended.resolve);
  socket.destroy(new Error('read ECONNRESET'));
  await ended.promise;
  expect(connection.capacity).toBe(0);
});

test('close ends a connection that is still being opened', async () => {
  const { access, port } = await startServer(echo);
  const network = await startDroppingNetwork(port);
  const { api, failure } = apiOver({ ...access, endpoint: { ...access.endpoint, url: network.endpoint } });
  const failing = failure();
  await network.reached;
  api.close();
  expect(await failing).toMatchObject({ code: 'connection-lost' });
  await network.left;
});

test('close ends requests in flight', async () => {
  const arrived = Promise.withResolvers<void>();
  const { api, failure } = await startApi(() => arrived.resolve());
  const failing = failure();
  await arrived.promise;
  api.close();
  expect(await failing).toMatchObject({ code: 'connection-lost' });
});
