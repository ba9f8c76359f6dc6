import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { runPage } from '../../support/page.ts';

const running = await runPage(3, Date.UTC(2026, 10, 22, 12));
await running.live(2);
afterAll(() => running.close());

async function send(
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
  body = '',
) {
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
  const sent = request(`${running.page.url}${path}`, options, resolve).on('error', reject);
  sent.end(body);
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const post = (path: string, body: object, type = 'application/json') => {
  const payload = JSON.stringify(body);
  const headers = { 'content-type': type, 'content-length': String(Buffer.byteLength(payload)) };
  return send(path, { method: 'POST', headers }, payload);
};

test.each(['/', '/page.js', '/page.css', '/api/state', '/nothing'])(
  '%s may load from its own server only, and be framed by nobody',
  async (path) => {
    const { headers } = await send(path);
    expect(headers['content-security-policy']).toMatch(/^default-src 'self'; .*frame-ancestors 'none'$/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  },
);

test.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', '192.168.0.1:8080'])(
  'the Host %s gets nothing',
  async (host) => {
    for (const path of ['/', '/api/state'])
      expect((await send(path, { headers: { host } })).status).toBe(403);
  },
);

test.each(['localhost:8080', '127.0.0.1', '[::1]:8080'])('the Host %s is loopback', async (host) => {
  expect((await send('/', { headers: { host } })).status).toBe(200);
});

test('a form of another site changes nothing', async () => {
  expect((await post('/api/control', { paused: true }, 'text/plain')).status).toBe(415);
  expect(running.page.playback.paused).toBe(false);
});

test.each([{ scenario: 'earthquake' }, { speed: 'light' }, { paused: 'yes' }, { nodes: 5 }])(
  'refuses the control %j',
  async (change) => {
    expect((await post('/api/control', change)).status).toBe(400);
  },
);

test('changes scenario, speed and pause', async () => {
  await post('/api/control', { scenario: 'crashLoop', speed: 'fastest', paused: true });
  expect([running.page.scenario.name, running.page.playback.speed, running.page.playback.paused]).toEqual([
    'crashLoop',
    'fastest',
    true,
  ]);
  await post('/api/control', { scenario: 'healthy', speed: 'normal', paused: false });
});

test('answers GetMetricData, and passes on what CloudWatch refuses', async () => {
  const range = { StartTime: 1_795_348_800, EndTime: 1_795_349_400 };
  const bad = await post('/api/GetMetricData', {
    MetricDataQueries: [{ Id: 'e', Expression: 'x' }],
    ...range,
  });
  expect([bad.status, JSON.parse(bad.body).message]).toEqual([
    400,
    "Error in expression 'e': Unknown identifier x",
  ]);
});

test('takes the next port if one is taken', async () => {
  const { startPage } = await import('../../../local/page/server.ts');
  const taken = Number(new URL(running.page.url).port);
  const second = await startPage(running.page.runs.source(), taken);
  expect(Number(new URL(second.url).port)).toBeGreaterThan(taken);
  await second.close();
});

test('where no port is left it says so, and what to do', async () => {
  const { startPage } = await import('../../../local/page/server.ts');
  const last = createServer();
  // Whoever listens on the last port, it is taken.
  await new Promise((resolve) =>
    last.once('error', resolve).listen(65_535, '127.0.0.1', () => resolve(undefined)),
  );
  await expect(startPage(running.page.runs.source(), 65_535)).rejects.toMatchObject({
    code: 'config-invalid',
    what: 'no page on port 65535: listen EADDRINUSE: address already in use 127.0.0.1:65535',
    remedy: 'Name another port with --port N, or serve no page with --no-page.',
  });
  last.close();
});
