import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { startWay } from '../../../support/forgetful-network.ts';
import { apiOver, echo, startApi } from '../../../support/served-api.ts';
import { startServer } from '../../../support/tls-server.ts';

afterEach(() => {
  vi.useRealTimers();
});

test.each<{ what: string; protocol: 'h2' | 'http/1.1'; connections: number }>([
  { what: 'checked and kept', protocol: 'h2', connections: 1 },
  { what: 'replaced, since it cannot be checked', protocol: 'http/1.1', connections: 2 },
])('after a silence a connection of $protocol is $what', async ({ protocol, connections }) => {
  const { read, accepted } = await startApi(echo, { protocol });
  await read('a');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  expect(await read('b')).toBe('b');
  expect(accepted()).toBe(connections);
});

test('a connection that died in silence is replaced before it costs a request', async () => {
  const { connection, port, accepted } = await startServer(echo);
  const way = await startWay(port);
  const { read } = apiOver({ ...connection, endpoint: way.endpoint });
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
      import { apiClient } from './lambda/adapters/api-server/client.ts';
      import { clusterApi } from './lambda/adapters/api-server/cluster-api.ts';
      const [endpoint, ca] = process.argv.slice(1);
      const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
      const api = clusterApi(apiClient({ endpoint: new URL(endpoint), ca, credentials }), async () => {});
      console.log((await api.readMetrics({ name: 'p', node: '' }, 20000)).message);`;
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
    expect(said).toMatch(/^line 1: .*"p"\n$/);
  },
);

test('close ends a connection that is still being opened', async () => {
  const { connection, port } = await startServer(echo);
  const way = await startWay(port);
  const { api, failure } = apiOver({ ...connection, endpoint: way.endpoint });
  const failing = failure();
  await way.reached;
  api.close();
  expect(await failing).toMatchObject({ code: 'connection-lost' });
  await way.left;
});

test('close ends what is under way', async () => {
  const arrived = Promise.withResolvers<void>();
  const { api, failure } = await startApi(() => arrived.resolve());
  const failing = failure();
  await arrived.promise;
  api.close();
  expect(await failing).toMatchObject({ code: 'connection-lost' });
});
