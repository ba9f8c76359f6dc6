import { NODES_REFUSING, NODES_RESTARTING, NODES_UNREAD } from '../domain/catalog.ts';
import { type Metric, metricOf } from '../domain/metric.ts';
import { isCrashLooping, lasts } from '../domain/node-conditions.ts';
import type { PodMemory, State } from '../domain/state/state.ts';
import { placeOf } from './pod-lines.ts';
import type { Pod } from './ports.ts';
import type { Warning } from './warning.ts';

/** The pods of the nodes on which a condition has held for long enough to count. */
interface LastingConditions {
  readonly unread: readonly Pod[];
  readonly refusing: readonly Pod[];
  readonly restarting: readonly Pod[];
}

/** @param pods the list of the cycle that made the state */
export function lastingConditions(pods: readonly Pod[], { time, pods: memories }: State): LastingConditions {
  const those = (test: (pod: Pod, memory: PodMemory) => boolean) =>
    pods.filter((pod) => {
      const memory = memories.get(pod.name);
      return memory !== undefined && test(pod, memory);
    });
  return {
    // That a pod which is being deleted gives no answer says nothing about its node.
    unread: those((pod, { unread }) => !pod.isTerminating && lasts(unread, time)),
    refusing: those((_, { refusing }) => lasts(refusing, time)),
    restarting: those((_, memory) => isCrashLooping(memory, time)),
  };
}

const ROWS = [
  { condition: 'unread', metric: NODES_UNREAD, code: 'nodes-unread' },
  { condition: 'refusing', metric: NODES_REFUSING, code: 'nodes-refusing-pods' },
  { condition: 'restarting', metric: NODES_RESTARTING, code: 'nodes-restarting' },
] as const;

export const conditionMetrics = (conditions: LastingConditions): Metric[] =>
  ROWS.map(({ condition, metric }) => metricOf(metric, conditions[condition].length));

/** Names the nodes: the metrics only count them. */
export const conditionWarnings = (conditions: LastingConditions): Warning[] =>
  ROWS.flatMap(({ condition, code }) => {
    const pods = conditions[condition];
    return pods.length === 0
      ? []
      : [{ code, message: pods.slice(0, NAMED).map(placeOf).join(', ') + more(pods) }];
  });

/** More names than these would fill the log line of a cluster whose port is closed. */
const NAMED = 10;
const more = ({ length }: readonly Pod[]): string => (length > NAMED ? ` and ${length - NAMED} more` : '');
