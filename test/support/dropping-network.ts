import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../local/connections.ts';

/** A network path to a local server that can drop its connections as a firewall does: no byte passes and no reset is sent. */
export async function startDroppingNetwork(to: number) {
  const passing = new Set<Socket>();
  const reached = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const network = createServer((inner) => {
    reached.resolve();
    inner.once('close', () => left.resolve());
    const outer = connect(to, '127.0.0.1');
    for (const socket of [inner, outer]) {
      passing.add(socket);
      socket.on('error', () => {});
    }
    inner.pipe(outer).pipe(inner);
  });
  const { port, close } = await listenOnLoopback(network);
  onTestFinished(async () => {
    for (const socket of passing) socket.destroy();
    await close();
  });
  return {
    endpoint: new URL(`https://localhost:${port}`),
    /** The first connection came. */
    reached: reached.promise,
    /** The first connection ended. */
    left: left.promise,
    drop: () => {
      for (const socket of passing) socket.unpipe().pause();
    },
  };
}
