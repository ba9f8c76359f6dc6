import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../lambda/deadline.ts';

interface Restart {
  /** Goes away when it has answered so many bytes. */
  readonly afterBytes: number;
  /** By the clock, milliseconds. */
  readonly awayMs: number;
  /** Called when it is back. */
  readonly onBack?: () => void;
}

/** So long nothing must move before time passes, milliseconds. */
const QUIET_MS = 5;

/**
 * A TCP way to a local server that restarts once: every connection breaks, and none is taken until it is back.
 * @returns the clock by which it is away; it moves from one pause to the next, and only while nothing is sent, so that
 * how busy the machine is makes no difference
 */
export async function startRestartingProxy(to: number, { afterBytes, awayMs, onBack }: Restart) {
  let now = 0;
  let moved = 0;
  let answered = 0;
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
      inner.on('data', ({ length }) => {
        moved += length;
      });
      outer.on('data', ({ length }) => {
        moved += length;
        answered += length;
        if (answered > afterBytes && backAt === Infinity) goAway();
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

  const pauses: { readonly until: number; readonly end: () => void }[] = [];
  let passing = false;
  const passTime = async () => {
    if (passing) return;
    passing = true;
    while (pauses.length > 0) {
      await untilQuiet();
      pauses.sort((a, b) => a.until - b.until);
      const pause = pauses.shift();
      now = Math.max(now, pause?.until ?? now);
      if (now >= backAt && backAt !== -Infinity) {
        backAt = -Infinity;
        await listen(port);
        onBack?.();
      }
      pause?.end();
    }
    passing = false;
  };
  const untilQuiet = async () => {
    for (let before = -1; before !== moved; ) {
      before = moved;
      await setTimeout(QUIET_MS);
      // A timer that is late fires before what has arrived meanwhile is read.
      await setImmediate();
      await setImmediate();
    }
  };
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    wait: (ms) =>
      new Promise((end) => {
        pauses.push({ until: now + ms, end });
        passTime();
      }),
  };
  return { endpoint: `https://127.0.0.1:${port}`, clock, restarted: () => backAt === -Infinity };
}
