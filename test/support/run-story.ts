import type { AlarmOverrides } from '../../infra/alarms/selection.ts';
import { messagesOf, statesOf } from '../../local/cloudwatch/alarm-messages.ts';
import type { AlarmSet } from '../../local/cloudwatch/alarm-set.ts';
import { alarmSetOf, loudAlarmsOf } from '../../local/cloudwatch/alarms-of-template.ts';
import type { MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { createFleet, type Fleet } from '../../local/simulation/fleet.ts';
import { HEALTHY, type Rates } from '../../local/simulation/rates.ts';
import { type Run, Story } from './alarm-story.ts';
import { alarmsStack, CLUSTER, TOPICS } from './cni-alarms-stack.ts';

/** What is told of a cluster. What goes wrong with it is done to the fleet. */
export interface Told {
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
  /** Makes what happens to the fleet in each minute. @returns what the run of the minute meets, if it is not the usual */
  readonly happens?: (fleet: Fleet) => (minute: number) => Run | undefined;
}

/** A story begins at noon, when load is highest. */
const NOON = Date.UTC(2026, 10, 22, 12);
/** Alarms are looked at from here on: before, they know too little. */
const SETTLED = 10;

/** What CloudWatch knows after a story. */
function live({
  nodes,
  seed,
  minutes,
  intervalMinutes,
  roomFor = nodes,
  rates,
  subnetMetrics = true,
  happens,
}: Told): MetricHistory {
  const fleet = createFleet({ nodes, seed, now: NOON, roomFor, rates: { ...HEALTHY, ...rates } });
  const story = new Story(fleet, subnetMetrics);
  const inMinute = happens?.(fleet);
  for (let minute = 0; minute < minutes; minute += 1) {
    const run = inMinute?.(minute);
    fleet.advance(60_000);
    if (minute % intervalMinutes === 0) story.add(minute, run ?? { outcome: 'published' });
  }
  return story.history;
}

export interface Firing {
  /** The first minute at whose end its topic was told. */
  readonly first: number;
  /** How many times it was told. */
  readonly times: number;
}

interface DeployedStack {
  readonly alarms: AlarmSet;
  /** Names of the alarms that send messages. */
  readonly loud: readonly string[];
}

/** Stacks with topics, by what tells them apart. */
const stacks = new Map<string, DeployedStack>();

function stackOf({ intervalMinutes, subnetMetrics = true, overrides }: Told): DeployedStack {
  const key = JSON.stringify([intervalMinutes, subnetMetrics, overrides]);
  const known = stacks.get(key);
  if (known) return known;
  const template = alarmsStack({ intervalMinutes, subnetMetrics, overrides, topics: TOPICS });
  const stack = { alarms: alarmSetOf(template), loud: loudAlarmsOf(template) };
  stacks.set(key, stack);
  return stack;
}

/** The alarms that sent a message, by id in kebab-case. @param from the minute in which the stack is deployed */
export function tell(told: Told, from = SETTLED): Readonly<Record<string, Firing>> {
  const { alarms, loud } = stackOf(told);
  const minutes = { from, to: told.minutes };
  const states = statesOf(alarms, live(told), minutes);
  const suppressors = new Map(alarms.compositeAlarms.map(({ id, suppressor }) => [id, suppressor]));
  return Object.fromEntries(
    loud.flatMap((name) => {
      const [first, ...others] = messagesOf(states, name, minutes, suppressors.get(name));
      if (first === undefined) return [];
      return [[name.replace(`cni-${CLUSTER.clusterId}-`, ''), { first, times: 1 + others.length }] as const];
    }),
  );
}
