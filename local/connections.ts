import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** Tracks the open connections of a server, so that it can close without waiting for its clients. */
export function trackConnections(server: Server): { close(): Promise<void> } {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    // A client may close its connection at any time.
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Lets a server listen on a free port of the loopback interface, until `close` ends all its connections. */
export async function listenOnLoopback(
  server: Server,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const connections = trackConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, ...connections };
}
