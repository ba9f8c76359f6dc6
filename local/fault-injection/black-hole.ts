import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface BlackHole {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, and never accepts a connection. */
const LISTENER = `
  const { parentPort, workerData: { gate, hosts, port } } = require('node:worker_threads');
  const { createServer } = require('node:net');
  const servers = hosts.map((host) => createServer().listen({ port, host, backlog: 1 }));
  let waiting = servers.length;
  for (const server of servers) server.once('listening', () => {
    waiting -= 1;
    if (waiting > 0) return;
    parentPort.postMessage(servers[0].address().port);
    setImmediate(() => Atomics.wait(gate, 0, 0));
  });`;

/** Linux queues one connection more than the backlog. */
const BACKLOG = 2;

/**
 * A port of loopback addresses that does not answer a SYN, like one behind a security group that drops packets: listening
 * sockets whose accept queues stay full.
 * @param port 0: a free one
 */
export async function openBlackHole(hosts: readonly string[] = ['127.0.0.1'], port = 0): Promise<BlackHole> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTENER, { eval: true, workerData: { gate, hosts, port } });
  const [opened]: number[] = await once(worker, 'message');
  if (opened === undefined) throw new Error('the worker sent no port');
  const fillers = hosts.flatMap((host) =>
    Array.from({ length: BACKLOG }, () => connect(opened, host).on('error', () => undefined)),
  );
  await Promise.all(fillers.map((filler) => once(filler, 'connect')));
  return {
    port: opened,
    async close() {
      for (const filler of fillers) filler.destroy();
      Atomics.notify(gate, 0);
      await worker.terminate();
    },
  };
}
