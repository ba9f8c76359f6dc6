import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Metric } from '../../lambda/domain/metric.ts';
import { trackConnections } from '../../local/connections.ts';
import { listenAt } from '../../local/loopback-nodes.ts';
import {
  expectedMetrics,
  type HostileCluster,
  inOrder,
  MAX_CPU_MS,
  startHostileCluster,
} from './hostile-cluster.ts';

// With SCRAPE_VIA=node nobody is between the function and what has the address of a node.

let hostile: HostileCluster;
let pod: string;
let address: string;
beforeAll(async () => {
  hostile = await startHostileCluster(12, true);
  await hostile.nextCycle();
  [pod = ''] = hostile.moment().pods.keys();
  hostile.cluster.apiServer.faults.pods.set(pod, 'refused');
  // Nothing listens there now, and the report names the address.
  const { report } = await hostile.nextCycle();
  address = /ECONNREFUSED ([\d.]+):/.exec(report?.pods.failures[0]?.example ?? '')?.[1] ?? '';
});
afterAll(() => hostile[Symbol.asyncDispose]());

/** Takes the node's place: begins its answer so, and goes on as long as somebody reads. */
async function answering(head: string, endless: string) {
  const bytes = Buffer.from(endless.repeat(Math.ceil(50_000 / endless.length)));
  const listener = createServer((socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(bytes)) {}
    };
    socket.on('error', () => {});
    socket.on('drain', () => setImmediate(more));
    socket.once('data', () => {
      socket.write(head);
      more();
    });
  });
  const { close } = trackConnections(listener);
  await listenAt(address, listener);
  return { [Symbol.asyncDispose]: close };
}

/** Without those of subnets, whose interfaces have no loopback addresses, and how long the node has not been read. */
const ofPods = (metrics: readonly Metric[] = []) =>
  inOrder(metrics.filter(({ name }) => !/^subnet|^nodesUnread$/.test(name)));

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

test.each([
  { what: 'interim answers', head: '', endless: 'HTTP/1.1 103 Early Hints\r\n\r\n', code: 'unparsable' },
  { what: 'pieces of a byte', head: CHUNKED, endless: '1\r\nx\r\n', code: 'unparsable' },
  { what: 'extensions of a chunk', head: `${CHUNKED}1`, endless: ';x=y', code: 'not-ipamd' },
  { what: 'trailers', head: `${CHUNKED}0\r\n`, endless: 'x: y\r\n', code: 'not-ipamd' },
  { what: 'headers', head: 'HTTP/1.1 200 OK\r\n', endless: 'x: y\r\n', code: 'not-ipamd' },
  { what: 'line feeds', head: '', endless: '\r\n', code: 'answer-too-large' },
  { what: 'a body', head: 'HTTP/1.1 500 \r\n\r\n', endless: '#\n', code: 'answer-too-large' },
])('$what without end cost this node alone', async ({ head, endless, code }) => {
  await using _node = await answering(head, endless);
  await hostile.nextCycle();
  const first = hostile.moment();
  const { report, cpuMs } = await hostile.nextCycle();
  expect(report?.pods.failures).toMatchObject([{ code, count: 1, pods: [pod] }]);
  expect(ofPods(report?.metrics)).toEqual(ofPods(expectedMetrics(first, hostile.moment(), pod, undefined)));
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
});

test.each([
  { what: 'breaks off', status: 200, end: '', code: 'answer-incomplete' },
  { what: 'is no success', status: 503, end: '0\r\n\r\n', code: 'bad-status' },
])('an answer of 16 MB in small pieces that $what is not asked for again', async ({ status, end, code }) => {
  const piece = `${(300).toString(16)}\r\n${'#'.repeat(300)}\r\n`;
  let requests = 0;
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      requests += 1;
      socket.write(`HTTP/1.1 ${status} \r\ntransfer-encoding: chunked\r\n\r\n`);
      socket.end(piece.repeat(55_000) + end);
    });
  });
  const { close } = trackConnections(listener);
  await listenAt(address, listener);
  const { report, cpuMs } = await hostile.nextCycle();
  await close();
  expect(report?.pods.failures).toMatchObject([{ code, count: 1, pods: [pod] }]);
  expect(requests).toBe(1);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
});
