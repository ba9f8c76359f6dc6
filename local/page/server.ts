import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { codeOf, messageOf } from '../../lambda/domain/error-message.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { AwsRefusal } from '../aws/endpoint.ts';
import { metricData } from '../aws/metric-queries.ts';
import { trackConnections } from '../connections.ts';
import { isScenario, SCENARIOS } from '../scenarios/scenarios.ts';
import { pageFiles } from './assets.ts';
import { SPEEDS, type Speed } from './playback.ts';
import { sectionsOf } from './runbook.ts';
import type { PageSource } from './source.ts';

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
/** Ports tried after the one that was asked for. */
const TRIES = 20;
const MAX_PORT = 65_535;
const MAX_BYTES = 1024 * 1024;

const control = z.strictObject({
  scenario: z.string().refine(isScenario).optional(),
  speed: z
    .string()
    .refine((name): name is Speed => Object.hasOwn(SPEEDS, name))
    .optional(),
  paused: z.boolean().optional(),
});

/**
 * Serves the page on the loopback interface, and only to requests whose Host is loopback: a page of somebody else that
 * points its own name at 127.0.0.1 gets nothing.
 * @param port the first port tried
 * @throws CollectorError where no port is free, or the system allows none
 */
export async function startPage(source: PageSource, port: number): Promise<Page> {
  const files = await pageFiles();
  const sections = sectionsOf(files['runbook.md']);
  const assets = new Map<string | undefined, Omit<Answer, 'status'>>([
    ['/', { type: 'text/html; charset=utf-8', body: files['index.html'] }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: files['page.js'] }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: files['page.css'] }],
  ]);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    if (!isLoopback(request.headers.host)) return problem(403, 'This page is served to loopback hosts only.');
    // Browsers ask for it unasked.
    if (path === '/favicon.ico') return { status: 204, type: 'image/x-icon', body: '' };
    const asset = assets.get(path);
    if (request.method === 'GET' && asset) return { status: 200, ...asset };
    if (request.method === 'GET' && path === '/api/deployment') return json(describe(source, sections));
    if (request.method === 'GET' && path === '/api/state') return json(stateOf(source));
    if (request.method !== 'POST') return problem(404, `There is no ${path}.`);
    // A form of another site cannot send this type.
    if (request.headers['content-type'] !== 'application/json') return problem(415, 'Send application/json.');
    const body = JSON.parse(await limited(request));
    if (path === '/api/GetMetricData') return json(metricData(source.history, body));
    if (path === '/api/control') return choose(source, control.parse(body));
    return problem(404, `There is no ${path}.`);
  };

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => problem(error instanceof AwsRefusal ? error.status : 400, messageOf(error)))
      .then((found) => send(response, found));
  });
  const connections = trackConnections(server);
  const address = await listen(server, port);
  return { url: `http://127.0.0.1:${address.port}`, close: () => connections.close() };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const problem = (status: number, message: string) => json({ message }, status);

const isLoopback = (host = ''): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type });
  response.end(body);
}

async function limited(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? MAX_BYTES + 1) > MAX_BYTES)
    throw new Error(`The request needs a length of at most ${MAX_BYTES} bytes.`);
  return text(request);
}

async function listen(server: ReturnType<typeof createServer>, first: number): Promise<AddressInfo> {
  for (let port = first; ; port += 1) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address && typeof address === 'object') return address;
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE' && first !== 0 && port < Math.min(first + TRIES, MAX_PORT)) continue;
      const tried = port > first ? `ports ${first} to ${port}` : `port ${port}`;
      throw new CollectorError('config-invalid', `no page on ${tried}: ${messageOf(error)}`, {
        remedy: 'Name another port with --port N, or serve no page with --no-page.',
        cause: error,
      });
    }
  }
}

/** What does not change while the page is open. */
function describe({ deployment, controls }: PageSource, sections: ReadonlyMap<string, string>) {
  return {
    name: deployment.name,
    dashboard: deployment.dashboard,
    alarms: deployment.alarms.map(({ name, description }) => {
      const anchor = /runbook\.md#([\w-]+)/.exec(description)?.[1] ?? '';
      return { name, description, runbook: sections.get(anchor) ?? '' };
    }),
    scenarios: controls
      ? Object.entries(SCENARIOS).map(([name, { title, about }]) => ({ name, title, about }))
      : [],
  };
}

function stateOf({ deployment, version, now, last, alarms, controls }: PageSource) {
  return {
    version: version(),
    now: now(),
    ...last(),
    alarms: Object.fromEntries(deployment.alarms.map(({ name }) => [name, alarms.changes().get(name) ?? []])),
    ...(controls && {
      controls: {
        scenario: controls.scenario.name,
        speed: controls.playback.speed,
        paused: controls.playback.paused,
        reached: controls.playback.reached(),
        begun: controls.scenario.begun,
      },
    }),
  };
}

function choose({ controls }: PageSource, { scenario, ...playback }: z.infer<typeof control>): Answer {
  if (!controls) return problem(409, 'A real cluster cannot be controlled.');
  if (scenario !== undefined) controls.scenario.choose(scenario);
  controls.playback.set(playback);
  return json({});
}
