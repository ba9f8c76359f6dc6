import type { SimulatedNode } from '../simulation/simulated-node.ts';
import type { PodFault } from './pod-fault.ts';

/** Simulated nodes that serve tcp/61678 on loopback addresses of their own, as ipamd does. */
export interface NodeServers {
  /** Starts and stops listeners, so that they are those of the nodes and faults of now. */
  follow(faults: ReadonlyMap<string, PodFault>): Promise<void>;
  /** The loopback address of a node that `follow` has seen. */
  addressOf(node: SimulatedNode): string | undefined;
  /** Requests so far. */
  answered(): number;
  close(): Promise<void>;
}
