import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import { createNode, type NodeOptions, podName } from './create-node.ts';
import { expositionOf } from './exposition.ts';
import { createNeighbors, type Neighbor } from './neighbors.ts';
import { leakInterfaces, releaseAddresses, restartProcess, stepNode } from './node.ts';
import { type Process, startProcess } from './process.ts';
import { seededRandom } from './random.ts';
import { EVENTFUL, type Rates } from './rates.ts';
import { readingOf } from './reading.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { createSubnet, type Subnet } from './subnet.ts';

export interface FleetOptions {
  readonly nodes: number;
  readonly seed: number;
  /** Epoch milliseconds at which the simulation starts; its nodes are up to two days old. */
  readonly now: number;
  /** How many of the nodes are IPv6 nodes; default 0. */
  readonly ipv6Nodes?: number;
  /** How many nodes the subnets are made for. @default - as many as there are */
  readonly roomFor?: number;
  /** @default EVENTFUL */
  readonly rates?: Readonly<Rates>;
  /** Name of the cluster, if others share its subnets: a second cluster, load balancers, leaked interfaces. */
  readonly sharedBy?: string;
}

/** A pod of aws-node as the API server lists it. */
interface FleetPod {
  readonly pod: string;
  /** Undefined: its node is terminated, or its ipamd does not serve yet. */
  readonly node: SimulatedNode | undefined;
}

/**
 * One ipamd process from its start to its end. A collector must publish exactly what happened up to its last successful
 * reading of the pod.
 */
export interface Incarnation {
  readonly pod: string;
  /** Its counters change until `ended`. */
  readonly process: Process;
  /** Epoch milliseconds of the end: ipamd restarted or the node left. Undefined while it runs. */
  readonly ended: number | undefined;
}

/** A simulated cluster: nodes with an ipamd each. It changes only when a method is called; it has no timers. */
export interface Fleet {
  /** Epoch milliseconds. */
  now(): number;
  /** Lets time pass in steps of ten seconds; the rest of a step counts towards the next one. */
  advance(ms: number): void;
  /** In the order in which the API server lists their pods: by name of the pod. */
  nodes(): readonly SimulatedNode[];
  /** The pods of the nodes, and for a while those of terminated nodes. */
  listed(): readonly FleetPod[];
  /** The rates of the simulation from now on. */
  readonly rates: Rates;
  /** The number of nodes to reach: missing nodes join in the next steps, surplus nodes leave. */
  resize(nodes: number): void;
  /** Undefined if there is no such pod. */
  find(pod: string): SimulatedNode | undefined;
  /** What the pod serves at :61678/metrics now. @throws RangeError where there is no such pod */
  exposition(pod: string): string;
  /** The same numbers without the text: what decoding it would give. @throws RangeError */
  reading(pod: string): PodReading;
  subnets(): readonly Subnet[];
  /** What shares the subnets with the cluster, and leaked interfaces of terminated nodes. */
  neighbors(): readonly Neighbor[];
  /** Every ipamd process there ever was, in the order of their starts. */
  incarnations(): readonly Incarnation[];
  /** Ends the pod's ipamd process and starts another one in the same pod. @throws RangeError */
  restart(pod: string): void;
  /** Replaces the pod of a node, as a rolling update of the DaemonSet does. @throws RangeError */
  replacePod(pod: string): void;
  /** A new node. @returns its pod; undefined where the subnets have no address for it */
  join(): string | undefined;
  /** Terminates a node, and its pod with it. @throws RangeError */
  leave(pod: string): void;
  /** The same, but the interfaces that its ipamd created stay, attached to nothing. @throws RangeError */
  leakInterfaces(pod: string): void;
}

export const REGION = 'eu-central-1';
const STEP_MS = 10_000;
/** Steps in which the fleet settles before its first use. */
const SETTLING = 40;

export function createFleet({
  nodes: firstSize,
  seed,
  now: start,
  ipv6Nodes = 0,
  roomFor = firstSize,
  rates: firstRates = EVENTFUL,
  sharedBy,
}: FleetOptions): Fleet {
  const rates: Rates = { ...firstRates };
  let size = firstSize;
  const random = seededRandom(seed);
  const subnets = createSubnets(roomFor);
  const neighbors =
    sharedBy === undefined ? undefined : createNeighbors(subnets, sharedBy, seededRandom(~seed), rates);
  const leaked: Neighbor[] = [];
  const nodes = new Map<string, SimulatedNode>();
  const incarnations: { pod: string; process: Process; ended: number | undefined }[] = [];
  const running = new Map<string, (typeof incarnations)[number]>();
  /** Pods of terminated nodes, and until when they are listed. */
  let terminated: { readonly pod: string; readonly until: number }[] = [];
  let listed: readonly SimulatedNode[] | undefined;
  let stepped = start - SETTLING * STEP_MS;
  let now = start;

  const endProcess = (pod: string, at: number) => {
    const incarnation = running.get(pod);
    if (incarnation) incarnation.ended = at;
    running.delete(pod);
  };
  const beginProcess = ({ pod, process }: SimulatedNode) => {
    const incarnation = { pod, process, ended: undefined };
    incarnations.push(incarnation);
    running.set(pod, incarnation);
  };
  const join = (at: number, options?: NodeOptions) => {
    const node = createNode(subnets, at, random, rates, options);
    if (!node) return undefined;
    nodes.set(node.pod, node);
    listed = undefined;
    beginProcess(node);
    return node.pod;
  };
  const leave = (node: SimulatedNode, at: number) => {
    releaseAddresses(node);
    drop(node, at);
  };
  const drop = (node: SimulatedNode, at: number) => {
    nodes.delete(node.pod);
    listed = undefined;
    endProcess(node.pod, at);
    if (rates.staysListedMs > 0) terminated.push({ pod: node.pod, until: at + rates.staysListedMs });
  };
  const step = () => {
    stepped += STEP_MS;
    neighbors?.step(stepped, STEP_MS);
    if (rates.subnetSurges) for (const subnet of subnets) subnet.step(STEP_MS, random);
    for (const node of nodes.values()) {
      const before = node.process;
      stepNode(node, stepped, STEP_MS, random);
      if (node.process === before) continue;
      endProcess(node.pod, stepped);
      beginProcess(node);
    }
  };
  const scale = () => {
    terminated = terminated.filter(({ until }) => until > stepped);
    for (const node of nodes.values()) {
      if (random.chance(STEP_MS / rates.nodeLifeMs) || nodes.size > size) leave(node, stepped);
    }
    while (nodes.size < size && random.chance(rates.joining)) join(stepped);
  };
  const find = (pod: string) => {
    const node = nodes.get(pod);
    if (!node) throw new RangeError(`The simulated cluster has no pod ${pod}`);
    return node;
  };

  for (let index = 0; index < size; index += 1) {
    const ageMs = random.below(48 * 3_600_000);
    join(stepped, { ageMs, ...(index < ipv6Nodes && { mode: 'ipv6' }) });
  }
  for (let count = 0; count < SETTLING; count += 1) step();

  return {
    now: () => now,
    advance(ms) {
      now += ms;
      while (stepped + STEP_MS <= now) {
        step();
        scale();
      }
    },
    nodes() {
      listed ??= [...nodes.values()].sort((a, b) => (a.pod < b.pod ? -1 : 1));
      return listed;
    },
    listed() {
      const serving = ({ servesFrom }: SimulatedNode) => servesFrom <= now;
      return [
        ...Array.from(nodes.values(), (node) => ({ pod: node.pod, node: serving(node) ? node : undefined })),
        ...terminated.map(({ pod }) => ({ pod, node: undefined })),
      ];
    },
    rates,
    resize(nodes) {
      size = nodes;
    },
    find: (pod) => nodes.get(pod),
    exposition: (pod) => expositionOf(find(pod)),
    reading: (pod) => readingOf(find(pod)),
    subnets: () => subnets,
    neighbors: () => [...(neighbors?.list() ?? []), ...leaked],
    incarnations: () => incarnations,
    restart(pod) {
      const node = find(pod);
      restartProcess(node, now, random);
      endProcess(pod, now);
      beginProcess(node);
    },
    replacePod(pod) {
      const old = find(pod);
      const next = {
        ...old,
        pod: podName(random),
        process: startProcess(now),
        servesFrom: now + rates.servesAfterMs,
      };
      next.pool.restart();
      endProcess(pod, now);
      nodes.delete(pod);
      nodes.set(next.pod, next);
      listed = undefined;
      beginProcess(next);
    },
    join: () => join(now),
    leave: (pod) => leave(find(pod), now),
    leakInterfaces(pod) {
      const node = find(pod);
      leaked.push(...leakInterfaces(node));
      drop(node, now);
    },
  };
}

/** Three subnets or more, together half as large again as the nodes need; the third is half of the others. */
function createSubnets(nodes: number): readonly Subnet[] {
  const needed = Math.max(nodes, 4) * 110;
  const count = Math.max(3, Math.ceil(needed / 2 ** 16));
  const length = Math.max(16, 32 - Math.ceil(Math.log2(needed / count)));
  return Array.from({ length: count }, (_, index) =>
    createSubnet(index, Math.min(28, index === 2 ? length + 1 : length), REGION),
  );
}
