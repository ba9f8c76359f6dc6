import { createSecureServer as createHttp2Server, type OutgoingHttpHeaders } from 'node:http2';
import { createServer as createHttp1Server } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { KubePod } from '../../local/api-server/kube-system.ts';
import { createPodLists } from '../../local/api-server/pod-list.ts';
import { startCloudWatch } from '../../local/aws/cloudwatch.ts';
import { startS3 } from '../../local/aws/s3.ts';
import { createAuthority } from '../../local/certificates.ts';
import { listenOnLoopback } from '../../local/connections.ts';
import { answersOf } from './answers.ts';
import { startNodes } from './nodes.ts';
import { ACCOUNT, BUCKET, type ServerOptions, type ServerUsage } from './protocol.ts';

const options: ServerOptions = JSON.parse(process.argv[2] ?? '');
const { pods, kilobytes, latencyMs, via, http, gzip, deadPercent } = options;

const answers = answersOf(kilobytes).map((text) => {
  const plain = Buffer.from(text);
  return {
    plain,
    gzipped: gzipSync(plain),
    assigned: Number(/^awscni_assigned_ip_addresses (\S+)$/m.exec(text)?.[1]),
  };
});
const answerOf = (index: number) => answers[index % answers.length];

/** Spread evenly, as dead nodes are. */
const isDead = (index: number): boolean =>
  Math.floor(((index + 1) * deadPercent) / 100) > Math.floor((index * deadPercent) / 100);

const usage = { bytes: 0, connections: 0, cpu: process.cpuUsage() };

const addresses =
  via === 'node'
    ? await startNodes(pods, isDead, {
        answer: (index, { headers }, response) =>
          answerMetrics(index, headers, (answerHeaders, body) => {
            // As ipamd sends it: in chunks, without the length.
            response.writeHead(200, answerHeaders).write(body);
            response.end();
          }),
        onConnection: () => {
          usage.connections += 1;
        },
      })
    : Array.from({ length: pods }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);

const kubePods = addresses.map((ip, index): KubePod => {
  return {
    name: `aws-node-${index.toString(36).padStart(5, '0')}`,
    labels: { 'k8s-app': 'aws-node' },
    phase: 'Running',
    node: `ip-${ip.replaceAll('.', '-')}.eu-central-1.compute.internal`,
    ip,
    serviceAccount: 'aws-node',
    containers: 2,
    createdAt: Date.UTC(2026, 10, 20),
  };
});
const lists = createPodLists({ pods: () => kubePods, now: Date.now, tables: () => true });
/** By path and form. */
const rendered = new Map<string, Buffer>();

/** kube-apiserver compresses answers from 128 KB on, as fast as it can. */
const COMPRESSED_FROM = 128 * 1024;

function renderList(path: string, accept: string, zip: boolean): Buffer {
  const key = `${path} ${accept} ${zip}`;
  const known = rendered.get(key);
  if (known) return known;
  const query = new URL(path, 'https://api').searchParams;
  const plain = Buffer.from(JSON.stringify(lists.list(query, accept)));
  const list = zip && plain.length >= COMPRESSED_FROM ? gzipSync(plain, { level: 1 }) : plain;
  rendered.set(key, list);
  return list;
}

const isGzipped = (body: Buffer): boolean => body.readUInt16BE() === 0x1f8b;

type RequestHeaders = {
  accept?: string | undefined;
  'accept-encoding'?: string | string[] | undefined;
};
type Reply = (headers: OutgoingHttpHeaders, body: Buffer) => void;

/** Answers a request to the API server. */
function serve(path: string, headers: RequestHeaders, reply: Reply): void {
  const withLength: Reply = (answerHeaders, body) =>
    reply({ ...answerHeaders, 'content-length': body.length }, body);
  const pod = /\/pods\/aws-node-(\w+)(?::|%3A)61678\/proxy\/metrics$/.exec(path)?.[1];
  if (pod !== undefined) answerMetrics(Number.parseInt(pod, 36), headers, withLength);
  else send('application/json', renderList(path, headers.accept ?? '*/*', acceptsGzip(headers)), withLength);
}

/** Answers a request for the metrics of a node, or never. */
function answerMetrics(index: number, headers: RequestHeaders, reply: Reply): void {
  const answer = answerOf(index);
  if (!answer || isDead(index)) return;
  const body = acceptsGzip(headers) ? answer.gzipped : answer.plain;
  const type = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
  setTimeout(() => send(type, body, reply), latencyMs);
}

function send(type: string, body: Buffer, reply: Reply): void {
  usage.bytes += body.length;
  reply({ 'content-type': type, ...(isGzipped(body) && { 'content-encoding': 'gzip' }) }, body);
}

const acceptsGzip = (headers: RequestHeaders): boolean =>
  gzip && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));

/**
 * More than the 100 that the collector uses: Node's server counts streams that the client has given up a moment
 * longer, and would refuse the next ones, which Go's server does not.
 */
const MAX_STREAMS = 250;

const authority = await createAuthority('benchmark');
const certificate = await authority.issue(['127.0.0.1']);
const server =
  http === 'h2'
    ? createHttp2Server({ ...certificate, settings: { maxConcurrentStreams: MAX_STREAMS } }).on(
        'stream',
        (stream, headers) => {
          // A client that gives up is its own business.
          stream.on('error', () => undefined);
          serve(headers[':path'] ?? '', headers, (answerHeaders, body) => {
            if (stream.destroyed) return;
            stream.respond({ ':status': 200, ...answerHeaders });
            stream.end(body);
          });
        },
      )
    : createHttp1Server(certificate, (request, response) =>
        serve(request.url ?? '', request.headers, (headers, body) =>
          response.writeHead(200, headers).end(body),
        ),
      );
server.on('secureConnection', () => {
  usage.connections += 1;
});
const { port } = await listenOnLoopback(server);
const cloudwatch = await startCloudWatch(ACCOUNT, Date.now);
const s3 = await startS3(ACCOUNT, BUCKET);

const live = Array.from({ length: pods }, (_, index) => index).filter((index) => !isDead(index));
process.send?.({
  via,
  endpoint: `https://127.0.0.1:${port}`,
  ca: authority.certificate,
  cloudwatch: cloudwatch.url,
  s3: s3.url,
  expected: {
    live: live.length,
    assigned: live.reduce((sum, index) => sum + (answerOf(index)?.assigned ?? NaN), 0),
  },
});
process.on('message', () => {
  const { user, system } = process.cpuUsage(usage.cpu);
  const { bytes, connections } = usage;
  process.send?.({ bytes, connections, cpuMs: (user + system) / 1000 } satisfies ServerUsage);
  Object.assign(usage, { bytes: 0, connections: 0, cpu: process.cpuUsage() });
});
process.on('disconnect', () => process.exit());
