import type { AlarmOverrides } from '../../infra/alarms/selection.ts';
import type { AlarmSet } from '../../local/cloudwatch/alarm-set.ts';
import { alarmSetOf } from '../../local/cloudwatch/alarms-of-template.ts';
import type { MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { createFleet, type Fleet } from '../../local/simulation/fleet.ts';
import { HEALTHY, type Rates } from '../../local/simulation/rates.ts';
import { messagesOf, notifyingAlarmsOf, statesOf } from './alarm-messages.ts';
import { alarmsStack, CLUSTER, TOPICS } from './cni-alarms-stack.ts';
import { type RunResult, SimulatedCollector } from './simulated-collector.ts';

/** A cluster and its collector for some minutes. Incidents are applied to the fleet. */
export interface AlarmSimulation {
  readonly nodes: number;
  readonly seed: number;
  readonly minutes: number;
  readonly intervalMinutes: number;
  /** How many nodes the subnets are made for. @default - as many as there are */
  readonly roomFor?: number;
  readonly rates?: Partial<Rates>;
  /** SUBNET_METRICS. @default true */
  readonly subnetMetrics?: boolean;
  /** Of the alarms. @default - none */
  readonly overrides?: AlarmOverrides;
  /** Called once; what it returns changes the fleet in each minute. @returns the result of the run of that minute, unless it publishes */
  readonly onMinute?: (fleet: Fleet) => (minute: number) => RunResult | undefined;
}

/** The simulation starts at noon, when load is highest. */
const NOON = Date.UTC(2026, 10, 22, 12);
/** Messages count from this minute on: before, the alarms have too few datapoints. */
const SETTLED = 10;

/** What CloudWatch has at the end. */
function simulate({
  nodes,
  seed,
  minutes,
  intervalMinutes,
  roomFor = nodes,
  rates,
  subnetMetrics = true,
  onMinute,
}: AlarmSimulation): MetricHistory {
  const fleet = createFleet({ nodes, seed, now: NOON, roomFor, rates: { ...HEALTHY, ...rates } });
  const collector = new SimulatedCollector(fleet, subnetMetrics);
  const changeFleet = onMinute?.(fleet);
  for (let minute = 0; minute < minutes; minute += 1) {
    const run = changeFleet?.(minute);
    fleet.advance(60_000);
    if (minute % intervalMinutes === 0) collector.add(minute, run ?? { outcome: 'published' });
  }
  return collector.history;
}

export interface Firing {
  /** The first minute at whose end it sent a message. */
  readonly first: number;
  /** How many messages it sent. */
  readonly times: number;
}

interface DeployedStack {
  readonly alarms: AlarmSet;
  /** Names of the alarms that send messages. */
  readonly notifying: readonly string[];
}

/** Stacks with topics, by what they depend on. */
const stacks = new Map<string, DeployedStack>();

function stackOf({ intervalMinutes, subnetMetrics = true, overrides }: AlarmSimulation): DeployedStack {
  const key = JSON.stringify([intervalMinutes, subnetMetrics, overrides]);
  const known = stacks.get(key);
  if (known) return known;
  const template = alarmsStack({ intervalMinutes, subnetMetrics, overrides, topics: TOPICS });
  const stack = { alarms: alarmSetOf(template), notifying: notifyingAlarmsOf(template) };
  stacks.set(key, stack);
  return stack;
}

/** The alarms that sent a message, by id in kebab-case. @param from the minute in which the stack is deployed */
export function simulateAlarms(
  simulation: AlarmSimulation,
  from = SETTLED,
): Readonly<Record<string, Firing>> {
  const { alarms, notifying } = stackOf(simulation);
  const minutes = { from, to: simulation.minutes };
  const states = statesOf(alarms, simulate(simulation), minutes);
  const suppressors = new Map(alarms.compositeAlarms.map(({ id, suppressor }) => [id, suppressor]));
  return Object.fromEntries(
    notifying.flatMap((name) => {
      const [first, ...others] = messagesOf(states, name, minutes, suppressors.get(name));
      if (first === undefined) return [];
      return [[name.replace(`cni-${CLUSTER.clusterId}-`, ''), { first, times: 1 + others.length }] as const];
    }),
  );
}
