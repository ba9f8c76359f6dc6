import type { Phase } from './kube-system.ts';
import type { PodFault, ProxiedAnswer } from './pod-fault.ts';

/** Faults to inject; a change counts from the next request on. */
export interface ApiServerFaults {
  /** By pod. */
  readonly pods: Map<string, PodFault>;
  /** By pod: what it answers instead of its metrics. */
  readonly answers: Map<string, ProxiedAnswer>;
  /** By aws-node pod: the address that its node reports for it, instead of its own. */
  readonly addresses: Map<string, string>;
  /** By name: mirror pods with the label of aws-node, all created by one node, and what lists show as their status. */
  readonly mirrorPods: Map<string, string>;
  /** By pod: the reason that its node reports, which lists show as its status. */
  readonly reasons: Map<string, string>;
  /** Phases of pods that are not Running. */
  readonly phases: Map<string, Phase>;
  /** False: no Table form, so that a list answers what the next media type asks for. */
  tables: boolean;
  /** True: as just after a start, when RBAC has not read its roles yet and allows nothing. */
  unsynced: boolean;
  /** How many of the next requests are answered 429. */
  throttled: number;
  /** Milliseconds that a pod takes to answer. */
  podDelayMs: number;
}
