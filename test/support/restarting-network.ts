import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../lambda/deadline.ts';

interface Restart {
  /** Goes away when it has answered so many bytes. */
  readonly afterBytes: number;
  /** By the clock, milliseconds. */
  readonly awayMs: number;
}

/** Time passes only in pauses, a hundred times as fast: how busy the machine is makes no difference. */
const SPEED = 100;

/**
 * A TCP way to a local server that restarts once: every connection breaks, and none is taken until it is back.
 * @returns the clock by which it is away
 */
export async function startRestartingWay(to: number, { afterBytes, awayMs }: Restart) {
  let now = 0;
  let passed = 0;
  let backAt = Infinity;
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  const listen = async (port: number) => {
    server = createServer((inner) => {
      const outer = connect(to, '127.0.0.1');
      for (const socket of [inner, outer]) {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      }
      inner.on('close', () => outer.destroy());
      outer.on('close', () => inner.destroy());
      outer.on('data', ({ length }) => {
        passed += length;
        if (passed > afterBytes && backAt === Infinity) goAway();
      });
      inner.pipe(outer).pipe(inner);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  };
  const end = () => {
    server?.close();
    for (const socket of sockets) socket.destroy();
  };
  const goAway = () => {
    backAt = now + awayMs;
    end();
  };
  const port = await listen(0);
  onTestFinished(end);

  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    wait: async (ms) => {
      const at = now + ms;
      await new Promise((resolve) => setTimeout(resolve, ms / SPEED));
      now = Math.max(now, at);
      if (now < backAt || backAt === -Infinity) return;
      backAt = -Infinity;
      await listen(port);
    },
  };
  return { endpoint: `https://127.0.0.1:${port}`, clock, restarted: () => backAt === -Infinity };
}
