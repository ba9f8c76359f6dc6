import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';

/** Tracks the open connections of a server, so that it can close without waiting for its clients. */
export function trackConnections(
  server: Server,
  event: 'connection' | 'secureConnection',
): { close(): Promise<void> } {
  const open = new Set<Duplex>();
  server.on(event, (socket: Duplex) => {
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
