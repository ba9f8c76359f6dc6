import type { Metric } from '../domain/metric.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { type Counted, increase } from '../domain/state/counters.ts';
import type { State } from '../domain/state/state.ts';
import { exhaustionMetrics, withSubnets } from '../domain/subnets/exhaustion.ts';
import type { Subnet } from '../domain/subnets/subnet.ts';
import { conditionMetrics, conditionWarnings, lastingConditions } from './conditions.ts';
import type { Pod } from './ports.ts';
import type { Warning } from './warning.ts';

/** What one cycle saw. */
export interface ClusterSnapshot {
  /** The tick, epoch milliseconds. */
  readonly time: number;
  /** The complete list. */
  readonly pods: readonly Pod[];
  /** By pod name; a listed pod without an entry could not be read. */
  readonly read: ReadonlyMap<string, PodReading>;
  /** Empty where they could not be read. */
  readonly subnets: readonly Subnet[];
}

export interface Advanced extends Counted {
  /** How many nodes each lasting condition holds on; none in the first cycle, which knows of no condition yet. */
  readonly nodeMetrics: readonly Metric[];
  /** The time to exhaustion of the worst subnet. */
  readonly exhaustion: readonly Metric[];
  /** Names the nodes. */
  readonly warnings: readonly Warning[];
}

/**
 * The state after one more cycle, even one that read no pod, and all that is known only by comparing the two.
 * @param previous undefined: nothing is known yet
 */
export function advance(
  previous: State | undefined,
  { time, pods, read, subnets }: ClusterSnapshot,
): Advanced {
  const counted = increase(previous, { time, listed: new Set(pods.map(({ name }) => name)), read });
  const histories = withSubnets(previous?.subnets, subnets, time);
  const conditions = lastingConditions(pods, counted.next);
  return {
    ...counted,
    next: { ...counted.next, ...(histories.size > 0 && { subnets: histories }) },
    nodeMetrics: previous ? conditionMetrics(conditions) : [],
    exhaustion: exhaustionMetrics(histories),
    warnings: conditionWarnings(conditions),
  };
}
