import type { MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { createFleet, type Fleet } from '../../local/simulation/fleet.ts';
import { HEALTHY, type Rates } from '../../local/simulation/rates.ts';
import { type Firing, firings, type Run, Story } from './alarm-story.ts';
import { alarmsOf } from './alarms-from-template.ts';
import { alarmsStack, CLUSTER } from './cni-alarms-stack.ts';

/** What is told of a cluster. What goes wrong with it is done to the fleet. */
export interface Told {
  readonly nodes: number;
  readonly seed: number;
  readonly minutes: number;
  readonly intervalMinutes: number;
  /** How many nodes the subnets are made for. @default - as many as there are */
  readonly roomFor?: number;
  readonly rates?: Partial<Rates>;
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
  happens,
}: Told): MetricHistory {
  const fleet = createFleet({ nodes, seed, now: NOON, roomFor, rates: { ...HEALTHY, ...rates } });
  const story = new Story(fleet);
  const inMinute = happens?.(fleet);
  for (let minute = 0; minute < minutes; minute += 1) {
    const run = inMinute?.(minute);
    fleet.advance(60_000);
    if (minute % intervalMinutes === 0) story.add(minute, run ?? { outcome: 'published' });
  }
  return story.history;
}

const templates = new Map<number, ReturnType<typeof alarmsOf>>();

/** The alarms that went on, by id in kebab-case. */
export function tell(told: Told): Readonly<Record<string, Firing>> {
  const { intervalMinutes, minutes } = told;
  const alarms = templates.get(intervalMinutes) ?? alarmsOf(alarmsStack({ intervalMinutes }));
  templates.set(intervalMinutes, alarms);
  const fired = firings(alarms, live(told), { from: SETTLED, to: minutes });
  return Object.fromEntries(
    Array.from(fired, ([name, firing]) => [name.replace(`cni-${CLUSTER.clusterId}-`, ''), firing]),
  );
}
