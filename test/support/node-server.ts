import { createServer, type RequestListener } from 'node:http';
import { createServer as createListener, type Server } from 'node:net';
import { onTestFinished } from 'vitest';
import { nodeMetrics } from '../../lambda/adapters/node/node-metrics.ts';
import { ScrapeError } from '../../lambda/errors.ts';
import { trackConnections } from '../../local/connections.ts';
import { LOOPBACK_NODES, onNextAddress } from '../../local/loopback-nodes.ts';
import { deadlineIn } from './deadline.ts';

/** A listener on tcp/61678 of an address of its own; ends with the test. */
async function listenAsNode(listenerOf: () => Server) {
  const { address, listener } = await onNextAddress(listenerOf);
  const { close } = trackConnections(listener);
  onTestFinished(close);
  let accepted = 0;
  listener.on('connection', () => {
    accepted += 1;
  });
  return { address, accepted: () => accepted, stop: close, ...nodeAt(address) };
}

/** A node that answers HTTP as the test says. */
export const startNode = (handle: RequestListener) => listenAsNode(() => createServer(handle));

/** A node that writes bytes as soon as a request comes. */
export const startRawNode = (bytes: string | Buffer) =>
  listenAsNode(() => createListener((socket) => socket.once('data', () => socket.end(bytes))));

/** The adapter under test, against one address. */
export function nodeAt(address: string | undefined, nodeCidrs: readonly string[] = [LOOPBACK_NODES]) {
  const { readMetrics } = nodeMetrics(nodeCidrs);
  const read = (limitMs?: number) =>
    readMetrics(
      { name: 'aws-node-abcde', node: 'n', ...(address !== undefined && { address }) },
      deadlineIn(limitMs),
    );
  return {
    read,
    /** Why it could not be read; flags that are not set are left out. */
    async failure(limitMs?: number) {
      const error: unknown = await read(limitMs).catch((reason) => reason);
      if (!(error instanceof ScrapeError)) throw new Error(`no ScrapeError: ${error}`);
      const { code, message, retryable, overload } = error;
      return { code, message, ...(retryable && { retryable }), ...(overload && { overload }) };
    },
  };
}
