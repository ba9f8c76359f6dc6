import type { AlarmId } from '../../infra/alarms/definitions.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';
import type { Rates } from '../../local/simulation/rates.ts';
import type { AlarmSimulation } from '../support/alarm-simulation.ts';
import type { RunResult } from '../support/simulated-collector.ts';

const HOUR = 60;
/** The first minute of an incident, the one after a cycle: all is well before. */
export const ONSET = HOUR + 1;

export interface Incident {
  readonly what: string;
  /** The alarm that must report it. */
  readonly alarm: AlarmId;
  /** Alarms that may fire as well: they report the same or a consequence. */
  readonly also?: readonly AlarmId[];
  /** Promised minutes from the onset to the message, by minutes between two cycles. */
  readonly within: Readonly<Record<1 | 5, number>>;
  /** Minutes to simulate after the onset. @default 45 */
  readonly minutes?: number;
  /** It develops slowly, so the minutes until the alarm say nothing about the alarm. */
  readonly isGradual?: boolean;
  /** SUBNET_METRICS is off: the alarm is for such deployments. */
  readonly withoutSubnetMetrics?: boolean;
  /** What is special about the cluster. */
  readonly rates?: Partial<Rates>;
  /** Applies it, in each minute from the onset on. @param first whether it is the first of them */
  readonly onMinute: (fleet: Fleet, first: boolean, minute: number) => RunResult | undefined;
}

const published = (isUnread: (pod: string) => boolean): RunResult => ({ outcome: 'published', isUnread });
const firstPod = (fleet: Fleet): string => fleet.nodes()[0]?.pod ?? '';

export const INCIDENTS: readonly Incident[] = [
  {
    what: 'a node refuses pods: more are scheduled on it than it has addresses',
    alarm: 'nodesRefusingPods',
    // A large node takes some minutes to fill up first.
    within: { 1: 15, 5: 20 },
    onMinute(fleet, first) {
      const [node] = fleet.nodes();
      if (node && first) node.excessPods = 250;
      return undefined;
    },
  },
  {
    what: 'a subnet is emptied by another user, and its nodes want more pods',
    alarm: 'subnetEmptySoon',
    also: ['subnetEmptyTomorrow', 'nodesRefusingPods'],
    within: { 1: 15, 5: 15 },
    onMinute(fleet, first) {
      const [subnet] = fleet.subnets();
      subnet?.useByOthers(Number.POSITIVE_INFINITY);
      if (first) for (const node of fleet.nodes()) node.burst = { pods: 20, until: Number.POSITIVE_INFINITY };
      return undefined;
    },
  },
  {
    what: 'another user takes a subnet within four hours',
    alarm: 'subnetEmptySoon',
    also: ['subnetEmptyTomorrow', 'nodesRefusingPods'],
    isGradual: true,
    // Two hours before the end.
    within: { 1: 170, 5: 170 },
    minutes: 5 * HOUR,
    onMinute(fleet, _, minute) {
      const [subnet] = fleet.subnets();
      subnet?.useByOthers(Math.round((subnet.usable * (minute - ONSET)) / (4 * HOUR)));
      return undefined;
    },
  },
  {
    what: 'addresses leak: each hour a sixtieth of a subnet',
    alarm: 'subnetEmptyTomorrow',
    also: ['subnetEmptySoon'],
    isGradual: true,
    // The subnet of a small cluster lasts 60 hours, others less: as late as the nodes leave it empty.
    within: { 1: 48 * HOUR, 5: 48 * HOUR },
    minutes: 49 * HOUR,
    onMinute(fleet, _, minute) {
      const [subnet] = fleet.subnets();
      subnet?.useByOthers(Math.round((subnet.usable * (minute - ONSET)) / (60 * HOUR)));
      return undefined;
    },
  },
  {
    what: 'EC2 has no prefix to give: free addresses are scattered, and nodes want more pods',
    alarm: 'subnetExhausted',
    also: ['nodesRefusingPods', 'subnetFragmented'],
    within: { 1: 20, 5: 20 },
    rates: { prefixNodes: 1 },
    withoutSubnetMetrics: true,
    onMinute(fleet, first) {
      for (const subnet of fleet.subnets()) subnet.scatter();
      if (first) for (const node of fleet.nodes()) node.burst = { pods: 60, until: Number.POSITIVE_INFINITY };
      return undefined;
    },
  },
  {
    what: 'prefix fragmentation: single addresses of other users lie in every free /28 block',
    alarm: 'subnetFragmented',
    also: ['nodesRefusingPods'],
    // The next reading of the interfaces, the one after it, and the rest of half an hour.
    within: { 1: 55, 5: 60 },
    minutes: 75,
    rates: { prefixNodes: 1 },
    onMinute(fleet) {
      for (const subnet of fleet.subnets()) subnet.scatter();
      return undefined;
    },
  },
  {
    what: 'a node is gone, and interfaces of its ipamd stay',
    alarm: 'addressesLeaked',
    // Two hours, the next reading of the interfaces, and half an hour.
    within: { 1: 175, 5: 180 },
    minutes: 3 * HOUR + 15,
    onMinute(fleet, first) {
      const node = fleet.nodes().find(({ pool }) => pool.enis.length > 1);
      if (node && first) fleet.leakInterfaces(node.pod);
      return undefined;
    },
  },
  {
    what: 'the port of one node is closed',
    alarm: 'nodesUnread',
    within: { 1: 10, 5: 15 },
    onMinute: (fleet) => {
      const pod = firstPod(fleet);
      return published((each) => each === pod);
    },
  },
  {
    what: 'the port of a node group, half of the nodes, is closed',
    alarm: 'nodesUnread',
    within: { 1: 10, 5: 15 },
    onMinute: (fleet) => {
      const nodes = fleet.nodes();
      const group = new Set(nodes.slice(0, Math.ceil(nodes.length / 2)).map(({ pod }) => pod));
      return published((pod) => group.has(pod));
    },
  },
  {
    what: 'the port of every node is closed',
    alarm: 'nothingRead',
    also: ['functionErrors'],
    within: { 1: 10, 5: 15 },
    onMinute: () => published(() => true),
  },
  {
    what: 'ipamd of one node is in a crash loop',
    alarm: 'nodesRestarting',
    also: ['nodesUnread'],
    within: { 1: 15, 5: 25 },
    onMinute(fleet, _, minute) {
      const pod = firstPod(fleet);
      if (minute % 3 === 0) fleet.restart(pod);
      return undefined;
    },
  },
  {
    what: 'EC2 throttles ipamd while pods come and go',
    alarm: 'awsApiErrors',
    also: ['nodesRefusingPods'],
    within: { 1: 20, 5: 25 },
    onMinute(fleet, first) {
      fleet.rates.refusedCalls = 0.95;
      if (first) for (const node of fleet.nodes()) node.burst = { pods: 20, until: Number.POSITIVE_INFINITY };
      return undefined;
    },
  },
  {
    what: 'the schedule is switched off',
    alarm: 'heartbeat',
    within: { 1: 5, 5: 20 },
    onMinute: () => ({ outcome: 'not started' }),
  },
  {
    what: 'the collector fails',
    alarm: 'functionErrors',
    also: ['heartbeat'],
    within: { 1: 5, 5: 15 },
    onMinute: () => ({ outcome: 'failed' }),
  },
  {
    what: 'the collector runs into its timeout',
    alarm: 'functionErrors',
    also: ['heartbeat'],
    within: { 1: 5, 5: 15 },
    onMinute: () => ({ outcome: 'failed', durationMs: 45_000 }),
  },
  {
    what: 'the account has no concurrency left for the collector',
    alarm: 'functionThrottles',
    also: ['heartbeat'],
    within: { 1: 5, 5: 10 },
    onMinute: () => ({ outcome: 'throttled' }),
  },
  {
    what: 'the schedule may not invoke the collector',
    alarm: 'deadLetters',
    also: ['heartbeat'],
    within: { 1: 5, 5: 10 },
    onMinute: () => ({ outcome: 'not started', deadLetters: 3 }),
  },
  {
    what: 'the collector becomes slow',
    alarm: 'functionSlow',
    within: { 1: 5, 5: 15 },
    onMinute: () => ({ outcome: 'published', durationMs: 40_000 }),
  },
];

export function simulationOf(
  incident: Incident,
  nodes: number,
  intervalMinutes: 1 | 5,
  seed = 7,
): AlarmSimulation {
  return {
    nodes,
    seed,
    intervalMinutes,
    minutes: ONSET + (incident.minutes ?? 45),
    // Nothing but the incident: nodes with a limited life would leave in the middle of it.
    rates: { nodeLifeMs: Number.POSITIVE_INFINITY, ...incident.rates },
    subnetMetrics: !incident.withoutSubnetMetrics,
    onMinute: (fleet) => (minute) =>
      minute < ONSET ? undefined : incident.onMinute(fleet, minute === ONSET, minute),
  };
}
