import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface BlackHole {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, and never accepts a connection. */
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(workerData, 0, 0));
  });`;

/** Linux queues one connection more than the backlog. */
const BACKLOG = 2;

/**
 * A port of the loopback interface that does not answer a SYN, like one behind a security group that drops packets: a
 * listening socket whose accept queue stays full.
 */
export async function openBlackHole(): Promise<BlackHole> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTENER, { eval: true, workerData: gate });
  const [port]: number[] = await once(worker, 'message');
  if (port === undefined) throw new Error('the worker sent no port');
  const fillers: Socket[] = [];
  for (let index = 0; index < BACKLOG; index += 1) {
    const filler = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(filler, 'connect');
    fillers.push(filler);
  }
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      Atomics.notify(gate, 0);
      await worker.terminate();
    },
  };
}
