import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';

/** Remembers a server's open connections, so that it can be closed without waiting for its clients. */
export function trackConnections(
  server: Server,
  event: 'connection' | 'secureConnection',
): { close(): Promise<void> } {
  const open = new Set<Duplex>();
  server.on(event, (socket: Duplex) => {
    open.add(socket);
    // A client that hangs up is its own business.
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
