import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { PEM } from '../certificates.ts';
import { listenOnLoopback } from '../connections.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { Access } from './access.ts';
import { type Answer, canReadGzip, createAnswers, type Wait } from './answer.ts';
import type { ApiServerFaults } from './faults.ts';
import type { NodeServers } from './nodes.ts';
import { headersOf, type ProxiedAnswer } from './pod-fault.ts';

/** The control plane of the embedded cluster, as far as the collector and its diagnosis use it. */
export interface ApiServer {
  /** https://127.0.0.1:<port> */
  readonly endpoint: string;
  readonly faults: ApiServerFaults;
  /** Scrapes answered so far, well or ill. */
  answered(): number;
  /** Requests so far, of any kind. */
  requests(): number;
  /** Makes continue tokens of lists so far answer 410. */
  expireLists(): void;
  close(): Promise<void>;
}

interface ApiServerOptions {
  readonly fleet: Fleet;
  readonly access: Access;
  readonly certificate: { readonly cert: PEM; readonly key: PEM };
  /** Epoch milliseconds; judges the tokens. */
  now(): number;
  /** Lets the API server dial a pod whose port is blocked. @default a timer */
  readonly wait?: Wait | undefined;
  /** Made with the faults of the API server. @default - none: pods are read through the API server only */
  readonly startNodes?: ((faults: ApiServerFaults) => NodeServers) | undefined;
}

const timer: Wait = (ms, signal) => setTimeout(ms, undefined, { signal, ref: false });

/** https://github.com/kubernetes/apiserver/blob/v0.35.4/pkg/server/secure_serving.go */
const SETTINGS = {
  // Since CVE-2023-44487.
  maxConcurrentStreams: 100,
  initialWindowSize: 256 * 1024,
  maxFrameSize: 256 * 1024,
  // Go adds 32 bytes for each of ten headers to http.DefaultMaxHeaderBytes.
  maxHeaderListSize: 1024 * 1024 + 320,
};
/** The API server compresses lists above this size where the client can read it. */
const COMPRESS_ABOVE_BYTES = 128 * 1024;
/** Go announces the length of what fits into its buffer. */
const ANNOUNCE_UP_TO_BYTES = 4096;

/** Starts it on a free port of the loopback interface, with HTTP/2 and HTTP/1.1. */
export async function startApiServer({
  fleet,
  access,
  certificate,
  now,
  wait = timer,
  startNodes,
}: ApiServerOptions): Promise<ApiServer> {
  const faults: ApiServerFaults = {
    pods: new Map(),
    answers: new Map(),
    addresses: new Map(),
    mirrorPods: new Map(),
    reasons: new Map(),
    phases: new Map(),
    tables: true,
    unsynced: false,
    throttled: 0,
    podDelayMs: 0,
  };
  const nodeServers = startNodes?.(faults);
  const answers = createAnswers({ fleet, access, faults, now, wait, nodeServers });
  let requests = 0;
  const server = createSecureServer(
    { ...certificate, allowHTTP1: true, settings: SETTINGS },
    (request, response) => {
      requests += 1;
      const abandoned = new AbortController();
      response.on('close', () => abandoned.abort());
      answers.answer(request, abandoned.signal).then(
        (answer) => send(request, response, answer, now()),
        // Nobody waits for an answer.
        () => undefined,
      );
    },
  );
  const { port, close } = await listenOnLoopback(server);

  return {
    endpoint: `https://127.0.0.1:${port}`,
    faults,
    answered: () => answers.scrapes() + (nodeServers?.answered() ?? 0),
    requests: () => requests,
    expireLists: () => answers.expireLists(),
    async close() {
      await Promise.all([close(), nodeServers?.close()]);
    },
  };
}

/** Every answer is classified by the same two objects. */
const FLOW_SCHEMA = crypto.randomUUID();
const PRIORITY_LEVEL = crypto.randomUUID();

function send(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  { content, classified, goesAway }: Answer,
  now: number,
): void {
  response.setHeader('audit-id', crypto.randomUUID());
  response.setHeader('cache-control', 'no-cache, private');
  response.setHeader('date', new Date(now).toUTCString());
  if (classified) {
    response.setHeader('x-kubernetes-pf-flowschema-uid', FLOW_SCHEMA);
    response.setHeader('x-kubernetes-pf-prioritylevel-uid', PRIORITY_LEVEL);
  }
  const answer = 'json' in content ? jsonAnswer(content, canReadGzip(request)) : content;
  if (answer.broken === 'hang') return;
  response.writeHead(answer.status, headersOf(answer));
  if (answer.broken === 'reset') {
    response.write(answer.body.subarray(0, answer.body.length >> 1), () => breakOff(response));
  } else if (request.method === 'HEAD') response.end();
  else response.end(answer.body);
  // Go sends GOAWAY for a Connection: close, and closes when the open streams have ended; HTTP/1.1 is kept.
  if (goesAway) response.stream?.session?.close();
}

function jsonAnswer(
  { status, json }: { readonly status: number; readonly json: object },
  gzipAccepted: boolean,
): ProxiedAnswer {
  const text = Buffer.from(`${JSON.stringify(json)}\n`);
  const gzip = gzipAccepted && text.length > COMPRESS_ABOVE_BYTES;
  const body = gzip ? gzipSync(text, { level: 1 }) : text;
  return {
    status,
    contentType: 'application/json',
    body,
    gzip,
    streamed: text.length > ANNOUNCE_UP_TO_BYTES,
    headers: {
      ...(status === 403 && { 'x-content-type-options': 'nosniff' }),
      ...(gzip && { vary: 'Accept-Encoding' }),
    },
  };
}

/** As Go's reverse proxy does when the backend is lost after the headers: RST_STREAM, or the connection's end. */
function breakOff(response: Http2ServerResponse): void {
  if (response.stream) response.stream.close(2);
  else response.socket.destroy();
}
