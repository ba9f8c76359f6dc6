import type { AddressPool } from './address-pool.ts';
import type { InstanceType } from './instance-types.ts';
import type { Process } from './process.ts';
import type { Rates } from './rates.ts';
import type { Subnet } from './subnet.ts';

/** How a node's pods get addresses: one by one, from /28 prefixes, or from an IPv6 /80. */
export type AddressMode = 'secondary' | 'prefix' | 'ipv6';

/** A node of the simulated cluster with its aws-node pod. */
export interface SimulatedNode {
  readonly name: string;
  readonly instanceId: string;
  readonly type: InstanceType;
  readonly subnet: Subnet;
  readonly ip: string;
  readonly mode: AddressMode;
  readonly pod: string;
  /** Epoch milliseconds; its load follows the time since then, so that a run is deterministic for its seed. */
  readonly startedAt: number;
  readonly pool: AddressPool;
  /** The ipamd that runs now. */
  process: Process;
  /** Those of the cluster. */
  readonly rates: Rates;
  /** Epoch milliseconds from which ipamd answers. */
  readonly servesFrom: number;
  /** Epoch milliseconds until which ipamd requests nothing from EC2, after it had no addresses. */
  coolUntil: number;
  /** How its load moves: a share of what it can run, and the period and phase of its wave. */
  readonly load: { readonly base: number; readonly periodMs: number; readonly phase: number };
  /** Pods of a deployment beside the old ones, until epoch milliseconds. */
  burst: { readonly pods: number; readonly until: number };
  /** Pods beyond those that its interfaces have addresses for, as with a wrong --max-pods. */
  excessPods: number;
}
