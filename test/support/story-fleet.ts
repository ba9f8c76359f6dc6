import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import { type Subnet, usableAddresses } from '../../lambda/domain/subnets.ts';
import { INSTANCE_TYPES, type InstanceType } from '../../local/simulation/instance-types.ts';
import { type Random, seededRandom } from '../../local/simulation/random.ts';
import { reading } from './reading.ts';

/**
 * A cluster in good health, for stories about alarms: nodes that are half full, breathe with the day and keep one
 * spare interface (WARM_ENI_TARGET=1). What goes wrong is what a story makes go wrong. It moves by the minute; the
 * simulation of local/ goes through everything a collector must count right, several times a day.
 */
export interface StoryFleet {
  readonly nodes: readonly StoryNode[];
  readonly subnets: readonly StorySubnet[];
  /** EC2 refuses and delays this share of the calls for their rate. */
  throttled: number;
  step(minute: number): void;
  join(minute: number): StoryNode;
  leave(node: StoryNode): void;
}

export interface StoryNode {
  readonly pod: string;
  readonly subnet: StorySubnet;
  /** Share of its pods that it runs at noon and midnight, on the average. */
  load: number;
  readonly reading: PodReading;
  /** Its ipamd starts anew: what it counted is forgotten. */
  restart(minute: number): void;
}

export interface StorySubnet {
  readonly id: string;
  /** Length of its IPv4 prefix. */
  readonly prefix: number;
  /** Addresses that others than these nodes have taken. */
  others: number;
  free(): number;
}

const REFUSED_CALLS = 0.003;
const DAY_MINUTES = 24 * 60;

export function createStoryFleet(size: number, { seed = 1, prefix = 20 } = {}): StoryFleet {
  const random = seededRandom(seed);
  const nodes: Node[] = [];
  const subnets = Array.from({ length: 3 }, (_, index) => createSubnet(`subnet-${index}`, prefix, nodes));
  let born = 0;
  const fleet: StoryFleet = {
    nodes,
    subnets,
    throttled: REFUSED_CALLS,
    step(minute) {
      for (const node of nodes) node.step(minute, fleet.throttled);
    },
    join(minute) {
      born += 1;
      const [emptiest] = subnets.toSorted((a, b) => b.free() - a.free());
      if (!emptiest) throw new Error('no subnet');
      const node = new Node(`aws-node-${born}`, emptiest, minute, random);
      nodes.push(node);
      return node;
    },
    leave(node) {
      nodes.splice(
        nodes.findIndex(({ pod }) => pod === node.pod),
        1,
      );
    },
  };
  for (let count = 0; count < size; count += 1) fleet.join(-DAY_MINUTES);
  // A day before the story, so that pools and loads have settled.
  for (let minute = -60; minute < 0; minute += 1) fleet.step(minute);
  return fleet;
}

function createSubnet(id: string, prefix: number, nodes: readonly Node[]): StorySubnet {
  return {
    id,
    prefix,
    others: 0,
    free() {
      const held = nodes.reduce((sum, node) => sum + (node.subnet.id === id ? node.total + 1 : 0), 0);
      return Math.max(0, usableAddresses(prefix) - held - this.others);
    },
  };
}

/** As EC2 describes them. */
export const describedSubnets = ({ subnets }: StoryFleet): Subnet[] =>
  subnets.map((subnet) => ({ ...subnet, vpcId: 'vpc-1', available: subnet.free(), tags: new Map() }));

class Node implements StoryNode {
  readonly pod: string;
  readonly subnet: StorySubnet;
  load: number;
  readonly #random: Random;
  readonly #type: InstanceType;
  readonly #phase: number;
  #assigned = 0;
  #enis = 1;
  #busy = 0;
  #startTime: number;
  #counters: Record<string, number> = {};
  #calls = { count: 0, sum: 0 };

  constructor(pod: string, subnet: StorySubnet, minute: number, random: Random) {
    this.pod = pod;
    this.subnet = subnet;
    this.#random = random;
    this.#type = random.pick(INSTANCE_TYPES);
    this.#phase = 0.5 * random.float();
    this.load = 0.3 + 0.2 * random.float();
    this.#startTime = minute * 60;
    this.restart(minute);
  }

  get total(): number {
    return this.#enis * (this.#type.addressesPerEni - 1);
  }

  get reading(): PodReading {
    return reading({
      startTime: this.#startTime,
      gauges: {
        assignIPAddresses: this.#assigned,
        totalIPAddresses: this.total,
        eniAllocated: this.#enis,
        eniMaxAvailable: this.#type.enis,
        maxIPAddresses: this.#type.enis * (this.#type.addressesPerEni - 1),
        ipamdActionInProgress: this.#busy,
      },
      counters: this.#counters,
      latencies: [{ api: 'AssignPrivateIpAddresses', ...this.#calls }],
    });
  }

  restart(minute: number): void {
    this.#startTime = Math.max(minute * 60, this.#startTime + 1);
    this.#calls = { count: 0, sum: 0 };
    this.#counters = Object.fromEntries(
      ['addReqCount', 'delReqCount', 'delReqErr', 'noAvailableIPAddresses', 'awsAPIErr', 'insufficientIPErr']
        .concat(['ipamdErr', 'reconcileCount', 'forceRemoveENI', 'forceRemoveIPs'])
        .map((name) => [name, 0]),
    );
  }

  step(minute: number, throttled: number): void {
    this.#count('reconcileCount');
    this.#runPods(minute);
    // An action lasts a second or two, unless EC2 makes it try again and again.
    this.#busy = this.#keepPoolWarm(throttled) && this.#random.chance(throttled > 0.5 ? 0.8 : 0.03) ? 1 : 0;
  }

  #runPods(minute: number): void {
    const most = this.#type.maxPods - 2;
    const wave = 0.12 * Math.sin((2 * Math.PI * minute) / DAY_MINUTES + this.#phase);
    const wanted = Math.round(most * Math.min(1, Math.max(0, this.load + wave)));
    for (let change = 0; change < 3 && this.#assigned > wanted; change += 1) this.#endPod();
    if (this.#random.chance(0.1) && this.#assigned > 0) this.#endPod();
    for (let change = 0; change < 3 && this.#assigned < wanted; change += 1) {
      this.#count('addReqCount');
      if (this.#assigned < this.total) this.#assigned += 1;
      else this.#count('noAvailableIPAddresses');
    }
  }

  #endPod(): void {
    this.#assigned -= 1;
    this.#count('delReqCount');
  }

  /** @returns whether ipamd asked EC2 for anything */
  #keepPoolWarm(throttled: number): boolean {
    const unit = this.#type.addressesPerEni - 1;
    const warm = this.total - this.#assigned;
    const grow = warm < unit && this.#enis < this.#type.enis;
    const shrink = warm >= 2 * unit;
    if (!grow && !shrink) return false;
    const refused = this.#random.chance(throttled);
    this.#calls = { count: this.#calls.count + 1, sum: this.#calls.sum + (refused ? 3_000 : 400) };
    if (refused || (grow && this.subnet.free() < unit)) {
      this.#count('awsAPIErr');
      if (!refused) this.#count('insufficientIPErr');
      if (grow) this.#count('ipamdErr');
    } else {
      this.#enis += grow ? 1 : -1;
    }
    return true;
  }

  #count(name: string): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + 1;
  }
}
