import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createListener, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { METRICS_PORT } from '../lambda/contract.ts';
import type { ApiServerFaults } from './api-server/faults.ts';
import type { NodeServers } from './api-server/nodes.ts';
import { headersOf, type PodFault, type ProxiedAnswer } from './api-server/pod-fault.ts';
import { createPodProxy } from './api-server/pod-proxy.ts';
import { trackConnections } from './connections.ts';
import { type BlackHole, openBlackHole } from './fault-injection/black-hole.ts';
import { listenAt, onNextAddress } from './loopback-nodes.ts';
import type { Fleet } from './simulation/fleet.ts';

interface Place {
  readonly address: string;
  listener: Server | undefined;
}

/** Nothing listens. */
const CLOSED: ReadonlySet<PodFault> = new Set(['refused', 'crash-looping', 'gone']);
/** Packets are dropped. */
const DROPPED: ReadonlySet<PodFault> = new Set(['unreachable', 'no-route', 'no-network']);

const acceptsNothing = (fault: PodFault | undefined): boolean =>
  fault !== undefined && (CLOSED.has(fault) || DROPPED.has(fault));

/** What happens to a connection instead of HTTP, as soon as a request comes. */
const CONNECTION_FAULTS: { readonly [fault in PodFault]?: (socket: Socket) => void } = {
  eof: (socket) => socket.end(),
  'connection-reset': (socket) => socket.resetAndDestroy(),
  'not-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  hang: () => undefined,
};

/** Simulated nodes on loopback addresses. */
export function startNodeServers(fleet: Fleet, faults: ApiServerFaults): NodeServers {
  const places = new Map<string, Place>();
  const pods = new Map<string, string>();
  const proxy = createPodProxy(fleet, faults);
  const http = createServer((request, response) => answer(request, response));
  const broken = createListener((socket) => {
    const fault = faultAt(socket);
    socket.once('data', () => fault && CONNECTION_FAULTS[fault]?.(socket));
  });
  // Neither listens itself: they take over what the listeners of the nodes accept.
  const connections = [http, broken].map((server) => trackConnections(server));
  let answered = 0;
  let hole: BlackHole | undefined;
  let droppedBefore = '';
  let following = Promise.resolve();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    answered += 1;
    if (faults.podDelayMs > 0) await setTimeout(faults.podDelayMs);
    const pod = pods.get(request.socket.localAddress ?? '') ?? '';
    const acceptsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const path = request.url ?? '';
    const target = `${pod}:${METRICS_PORT}`;
    const wait = async () => undefined;
    await proxy.get({ target, path, prefix: '', acceptsGzip, wait }).then(
      (given) => send(response, given),
      () => request.socket.destroy(),
    );
  };

  const faultAt = (socket: Socket) => faults.pods.get(pods.get(socket.localAddress ?? '') ?? '');

  const accept = (socket: Socket) => {
    const fault = faultAt(socket);
    (fault && CONNECTION_FAULTS[fault] ? broken : http).emit('connection', socket);
  };

  const place = async (pod: string): Promise<void> => {
    const { address, listener } = await onNextAddress(() => createListener(accept));
    places.set(pod, { address, listener });
    pods.set(address, pod);
  };

  const close = async (place: Place) => {
    const { listener } = place;
    place.listener = undefined;
    if (listener) await new Promise((closed) => listener.close(closed));
  };

  const follow = async (faulty: ReadonlyMap<string, PodFault>) => {
    for (const [pod, place] of places) {
      if (fleet.find(pod)) continue;
      await close(place);
      pods.delete(place.address);
      places.delete(pod);
    }
    for (const { pod } of fleet.nodes()) if (!places.has(pod)) await place(pod);
    const dropped: string[] = [];
    for (const [pod, place] of places) {
      const fault = faulty.get(pod);
      if (acceptsNothing(fault)) await close(place);
      if (fault && DROPPED.has(fault)) dropped.push(place.address);
    }
    if (dropped.join() !== droppedBefore) {
      await hole?.close();
      hole = dropped.length > 0 ? await openBlackHole(dropped, METRICS_PORT) : undefined;
      droppedBefore = dropped.join();
    }
    for (const [pod, place] of places) {
      if (!place.listener && !acceptsNothing(faulty.get(pod)))
        place.listener = await listenAt(place.address, createListener(accept));
    }
  };

  return {
    follow(faulty) {
      following = following.then(() => follow(faulty));
      return following;
    },
    addressOf: ({ pod }) => places.get(pod)?.address,
    answered: () => answered,
    async close() {
      await following.catch(() => undefined);
      for (const place of places.values()) await close(place);
      await hole?.close();
      await Promise.all(connections.map((each) => each.close()));
    },
  };
}

function send(response: ServerResponse, answer: ProxiedAnswer): void {
  const { status, body, broken } = answer;
  response.writeHead(status, headersOf(answer));
  if (broken === 'reset')
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
  else response.end(body);
}
