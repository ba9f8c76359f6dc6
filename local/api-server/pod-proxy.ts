import { gzipSync } from 'node:zlib';
import { METRICS_PORT } from '../../lambda/contract.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { SimulatedNode } from '../simulation/node.ts';
import type { Process } from '../simulation/process.ts';
import { podNotFound, unreachable } from './status.ts';

/** What is wrong with one pod, as a scrape through the API server meets it. */
export type PodFault =
  /** A security group swallows the packets to port 61678. */
  | 'unreachable'
  /** Nothing listens: DISABLE_METRICS, or ipamd has not started. */
  | 'refused'
  /** Deleted between list and scrape. */
  | 'gone'
  /** The connection breaks in the middle of the answer. */
  | 'reset'
  /** Something else listens on the port. */
  | 'garbage'
  /** The request is taken and never answered. */
  | 'hang';

/** What the API server passes on of a pod's answer. */
export interface ProxiedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly gzip: boolean;
  /** Undefined: whole. Otherwise nothing is sent at all, or only the first half. */
  readonly broken?: 'hang' | 'reset';
}

/** Answers of simulated pods; made once for each moment of the simulation. */
export interface PodProxy {
  /**
   * @param target `<pod>:<port>`, as the path has it
   * @throws Refusal
   */
  get(target: string, path: string, acceptsGzip: boolean): ProxiedAnswer;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

interface Rendered {
  readonly at: number;
  readonly process: Process;
  readonly plain: Buffer;
  gzip?: Buffer;
}

export function createPodProxy(fleet: Fleet, faults: ReadonlyMap<string, PodFault>): PodProxy {
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
    get(target, path, acceptsGzip) {
      const [name = '', port = '80'] = target.split(':');
      const node = fleet.find(name);
      const fault = faults.get(name);
      if (!node || fault === 'gone') throw podNotFound(name);
      const address = `${node.ip}:${port}`;
      if (fault === 'unreachable') throw unreachable(`dial tcp ${address}: i/o timeout`);
      if (fault === 'refused' || port !== String(METRICS_PORT)) {
        throw unreachable(`dial tcp ${address}: connect: connection refused`);
      }
      if (path !== '/metrics') {
        const body = Buffer.from('404 page not found\n');
        return { status: 404, contentType: 'text/plain; charset=utf-8', body, gzip: false };
      }
      if (fault === 'garbage') {
        const body = Buffer.from('<!DOCTYPE html>\n<html><body>It works!</body></html>\n');
        return { status: 200, contentType: 'text/html', body, gzip: false };
      }
      const answer = answerOf(node);
      if (acceptsGzip) answer.gzip ??= gzipSync(answer.plain, { level: 1 });
      return {
        status: 200,
        contentType: TEXT,
        body: (acceptsGzip && answer.gzip) || answer.plain,
        gzip: acceptsGzip,
        ...((fault === 'hang' || fault === 'reset') && { broken: fault }),
      };
    },
  };
}
