import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { POD_NAMESPACE } from '../../lambda/contract.ts';
import type { PEM } from '../certificates.ts';
import { trackConnections } from '../connections.ts';
import type { Fleet } from '../simulation/fleet.ts';
import { type Access, authorize, createAuthenticator } from './access.ts';
import { kubeSystemPods, type Phase } from './kube-system.ts';
import { createPodLists } from './pod-list.ts';
import { createPodProxy, type PodFault, type ProxiedAnswer } from './pod-proxy.ts';
import { REVIEWS } from './reviews.ts';
import { badRequest, forbidden, Refusal } from './status.ts';

/** The control plane of the embedded cluster, as far as the collector and its diagnosis speak to one. */
export interface ApiServer {
  /** https://127.0.0.1:<port> */
  readonly endpoint: string;
  readonly faults: ApiServerFaults;
  /** Scrapes answered so far, well or ill. */
  answered(): number;
  /** Makes continue tokens of lists so far answer 410. */
  expireLists(): void;
  close(): Promise<void>;
}

/** What tests and people break: changed at any time, it holds from the next request on. */
export interface ApiServerFaults {
  /** By pod. */
  readonly pods: Map<string, PodFault>;
  /** Phases of pods that are not Running. */
  readonly phases: Map<string, Phase>;
  /** False: no Table form, so that a list answers what the next media type asks for. */
  tables: boolean;
  /** How many of the next requests are answered 429. */
  throttled: number;
  /** Milliseconds that a pod takes to answer. */
  podDelayMs: number;
}

export interface ApiServerOptions {
  readonly fleet: Fleet;
  readonly access: Access;
  readonly certificate: { readonly cert: PEM; readonly key: PEM };
  /** Epoch milliseconds; judges the tokens. */
  now(): number;
}

type Answer = ProxiedAnswer | { readonly status: number; readonly json: object };

/** https://pkg.go.dev/k8s.io/apiserver: 100 streams a connection since CVE-2023-44487. */
const MAX_STREAMS = 100;
/** The API server compresses lists above this size where the client can read it. */
const COMPRESS_ABOVE_BYTES = 128 * 1024;
const MAX_BODY_BYTES = 3 * 1024 * 1024;

const PODS = `/api/v1/namespaces/${POD_NAMESPACE}/pods`;
const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.2-eks-embedded',
  gitTreeState: 'clean',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** Starts it on a free port of the loopback interface, with HTTP/2 and HTTP/1.1. */
export async function startApiServer({
  fleet,
  access,
  certificate,
  now,
}: ApiServerOptions): Promise<ApiServer> {
  const faults: ApiServerFaults = {
    pods: new Map(),
    phases: new Map(),
    tables: true,
    throttled: 0,
    podDelayMs: 0,
  };
  const lists = createPodLists({
    pods: () => kubeSystemPods(fleet, faults.phases),
    now: () => fleet.now(),
    tables: () => faults.tables,
  });
  const proxy = createPodProxy(fleet, faults.pods);

  const authenticate = createAuthenticator(access);
  let scrapes = 0;

  const answer = async (request: Http2ServerRequest): Promise<Answer> => {
    const { pathname: path, searchParams: query } = new URL(request.url, 'https://api');
    const accept = String(request.headers.accept ?? '*/*');
    if (faults.throttled > 0) {
      faults.throttled -= 1;
      const body = Buffer.from('Too many requests, please try again later.\n');
      return { status: 429, contentType: 'text/plain; charset=utf-8', body, gzip: false };
    }
    if (request.method === 'GET' && path === '/version') return { status: 200, json: VERSION };
    const user = authenticate(request.headers.authorization, now());
    const review = REVIEWS[path];
    if (request.method === 'POST' && review) {
      return { status: 201, json: review(await readJson(request), user, access) };
    }
    const [, namespace = '', rest = ''] = /^\/api\/v1\/namespaces\/([^/]+)\/pods(.*)$/.exec(path) ?? [];
    if (request.method !== 'GET' || namespace === '') {
      throw new Refusal(
        403,
        'Forbidden',
        `forbidden: User "${user}" cannot ${request.method?.toLowerCase()} path "${path}"`,
      );
    }
    if (path === PODS || rest === '') {
      authorize(access, user, { verb: 'list', resource: 'pods', namespace });
      return { status: 200, json: lists.list(query, accept) };
    }
    const [, target = '', proxied] = /^\/([^/]+)(?:\/proxy(\/.*)?)?$/.exec(rest) ?? [];
    const name = decodeURIComponent(target);
    if (!rest.startsWith(`/${target}/proxy`)) {
      throw forbidden(user, { verb: 'get', resource: 'pods', namespace, name });
    }
    authorize(access, user, { verb: 'get', resource: 'pods/proxy', namespace, name });
    if (faults.podDelayMs > 0) await setTimeout(faults.podDelayMs);
    scrapes += 1;
    return proxy.get(name, proxied ?? '/', acceptsGzip(request));
  };

  const server = createSecureServer(
    { ...certificate, allowHTTP1: true, settings: { maxConcurrentStreams: MAX_STREAMS } },
    (request, response) => {
      answer(request)
        .catch((error: unknown): Answer => {
          const refusal =
            error instanceof Refusal ? error : new Refusal(500, 'InternalError', `Internal error: ${error}`);
          return { status: refusal.code, json: refusal.toStatus() };
        })
        .then((outcome) => send(response, outcome, acceptsGzip(request), now()));
    },
  );
  const connections = trackConnections(server, 'secureConnection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `https://127.0.0.1:${port}`,
    faults,
    answered: () => scrapes,
    expireLists: () => lists.expire(),
    close: () => connections.close(),
  };
}

function acceptsGzip({ headers }: Http2ServerRequest): boolean {
  return /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
}

async function readJson(request: Http2ServerRequest): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw badRequest('request body too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function send(response: Http2ServerResponse, answer: Answer, gzipAccepted: boolean, now: number): void {
  response.setHeader('audit-id', crypto.randomUUID());
  response.setHeader('date', new Date(now).toUTCString());
  if ('json' in answer) {
    const text = Buffer.from(`${JSON.stringify(answer.json)}\n`);
    const gzip = gzipAccepted && text.length > COMPRESS_ABOVE_BYTES;
    const body = gzip ? gzipSync(text, { level: 1 }) : text;
    response.writeHead(answer.status, headersOf({ contentType: 'application/json', body, gzip }));
    response.end(body);
    return;
  }
  if (answer.broken === 'hang') return;
  if (answer.status === 429) response.setHeader('retry-after', '1');
  response.writeHead(answer.status, headersOf(answer));
  if (answer.broken === 'reset') {
    response.write(answer.body.subarray(0, answer.body.length >> 1), () => breakOff(response));
  } else response.end(answer.body);
}

function headersOf({ contentType, body, gzip }: { contentType: string; body: Buffer; gzip: boolean }) {
  return {
    'content-type': contentType,
    'content-length': body.length,
    ...(gzip && { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }),
  };
}

/** As Go's reverse proxy does when the backend is lost after the headers: RST_STREAM, or the connection's end. */
function breakOff(response: Http2ServerResponse): void {
  if (response.stream) response.stream.close(2);
  else response.socket.destroy();
}
