import type { Template } from 'aws-cdk-lib/assertions';
import type { MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { firings, type Run, Story } from './alarm-story.ts';
import { alarmsOf } from './alarms-from-template.ts';
import { createStoryFleet, describedSubnets, type StoryFleet } from './story-fleet.ts';

/** What goes wrong with the collector in a minute; what goes wrong with the cluster is done to the fleet. */
export interface Trouble {
  readonly unread?: ReadonlySet<string>;
  readonly durationMs?: number;
  readonly lost?: Exclude<Run, { outcome: 'published' }>;
}

export interface Told {
  readonly nodes: number;
  readonly minutes: number;
  /** Length of the subnets' IPv4 prefix. */
  readonly prefix: number;
  readonly intervalMinutes?: number;
  readonly happens: (minute: number, fleet: StoryFleet) => Trouble | undefined;
}

/** What CloudWatch knows after a story. */
export function live({ nodes, minutes, prefix, intervalMinutes = 1, happens }: Told): MetricHistory {
  const fleet = createStoryFleet(nodes, { prefix });
  const story = new Story();
  for (let minute = 0; minute < minutes; minute += 1) {
    fleet.step(minute);
    const { lost, durationMs = 2_000, unread = new Set<string>() } = happens(minute, fleet) ?? {};
    if (minute % intervalMinutes !== 0) continue;
    const cycle = { nodes: fleet.nodes, unread, subnets: describedSubnets(fleet) };
    story.add(minute, lost ?? { outcome: 'published', cycle, durationMs });
  }
  return story.history;
}

/** The first minute of each of the template's alarms that was on, by its name without that of the cluster. */
export function firstFirings(
  template: Template,
  history: MetricHistory,
  minutes: number,
): Record<string, number> {
  const fired = firings(alarmsOf(template), history, { from: 0, to: minutes });
  return Object.fromEntries([...fired].map(([name, { first }]) => [name.replace('cni-prod-', ''), first]));
}

export const podsOf = (fleet: StoryFleet, count: number) =>
  new Set(fleet.nodes.slice(0, count).map(({ pod }) => pod));
