import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createListener, type Socket } from 'node:net';
import { METRICS_PORT } from '../../lambda/contract.ts';
import { openBlackHole } from '../../local/fault-injection/black-hole.ts';
import { onNextAddress } from '../../local/loopback-nodes.ts';

/** Answers a request to the node of an index. */
export type Answer = (index: number, request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves tcp/61678 at an address for each node, until the process ends. Packets to dead nodes get lost.
 * @returns the addresses, by index
 * @throws Error where the process may not open so many listeners (`ulimit -n`)
 */
export async function startNodes(
  count: number,
  isDead: (index: number) => boolean,
  { answer, onConnection }: { readonly answer: Answer; readonly onConnection: () => void },
): Promise<readonly string[]> {
  const indexes = new Map<string | undefined, number>();
  const http = createServer((request, response) => {
    const index = indexes.get(request.socket.localAddress);
    if (index !== undefined) answer(index, request, response);
  });
  const accept = (socket: Socket) => {
    onConnection();
    http.emit('connection', socket);
  };
  const addresses: string[] = [];
  const dark: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { address, listener } = await onNextAddress(() => createListener(accept));
    addresses.push(address);
    indexes.set(address, index);
    if (!isDead(index)) continue;
    dark.push(address);
    await new Promise((closed) => listener.close(closed));
  }
  if (dark.length > 0) await openBlackHole(dark, METRICS_PORT);
  return addresses;
}
