import { gzipSync } from 'node:zlib';
import { METRICS_PORT } from '../../lambda/contract.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { Process } from '../simulation/process.ts';
import type { SimulatedNode } from '../simulation/simulated-node.ts';
import { FAULT_ANSWERS, type PodFault, type ProxiedAnswer, pageNotFound } from './pod-fault.ts';
import { podNotFound, unreachable } from './status.ts';

/** A request to a pod through the API server. */
interface ProxyRequest {
  /** `<pod>` or `<pod>:<port>`, as the path has it. */
  readonly target: string;
  /** Of the pod. */
  readonly path: string;
  /** Of the API server, up to and with `/proxy`. */
  readonly prefix: string;
  readonly acceptsGzip: boolean;
  /** Resolves after milliseconds; rejects when nobody waits for the answer any more. */
  wait(ms: number): Promise<void>;
}

/** Answers of simulated pods; made once for each moment of the simulation. */
interface PodProxy {
  /** @throws Refusal */
  get(request: ProxyRequest): Promise<ProxiedAnswer>;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
/** Go's own, which the API server takes: https://pkg.go.dev/net/http#DefaultTransport */
const DIAL_TIMEOUT_MS = 30_000;

interface Rendered {
  readonly at: number;
  readonly process: Process;
  readonly plain: Buffer;
  gzip?: Buffer;
}

export function createPodProxy(
  fleet: Fleet,
  faults: {
    readonly pods: ReadonlyMap<string, PodFault>;
    readonly answers: ReadonlyMap<string, ProxiedAnswer>;
  },
): PodProxy {
  const rendered = new WeakMap<SimulatedNode, Rendered>();
  const answerOf = (node: SimulatedNode): Rendered => {
    const known = rendered.get(node);
    if (known && known.at === fleet.now() && known.process === node.process) return known;
    const plain = Buffer.from(fleet.exposition(node.pod));
    const fresh = { at: fleet.now(), process: node.process, plain };
    rendered.set(node, fresh);
    return fresh;
  };

  return {
    async get({ target, path, prefix, acceptsGzip, wait }) {
      // Without a port the first container's is meant.
      const [name = '', port = String(METRICS_PORT)] = target.split(':');
      const node = fleet.find(name);
      if (!node) throw podNotFound(name);
      const fault = faults.pods.get(name);
      const address = `${node.ip}:${port}`;
      const answerFault = fault && FAULT_ANSWERS[fault];
      if (answerFault) return answerFault({ name, address, prefix, dial: () => wait(DIAL_TIMEOUT_MS) });
      if (port !== String(METRICS_PORT)) {
        throw unreachable(`dial tcp ${address}: connect: connection refused`);
      }
      if (path !== '/metrics') return pageNotFound();
      const given = faults.answers.get(name);
      if (given) return given;
      const answer = answerOf(node);
      if (acceptsGzip) answer.gzip ??= gzipSync(answer.plain, { level: 1 });
      return {
        status: 200,
        contentType: TEXT,
        body: (acceptsGzip && answer.gzip) || answer.plain,
        gzip: acceptsGzip,
        streamed: true,
        ...((fault === 'hang' || fault === 'reset') && { broken: fault }),
      };
    },
  };
}
