import { cycleMetrics } from '../../lambda/domain/cycle-metrics.ts';
import { addFailure, addReading, emptyFold } from '../../lambda/domain/fold.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import { increase } from '../../lambda/domain/state/counters.ts';
import type { State } from '../../lambda/domain/state/state.ts';
import { type Subnet, subnetMetrics } from '../../lambda/domain/subnets.ts';
import { type AlarmState, type MetricAlarm, stateAt } from '../../local/cloudwatch/alarm-evaluator.ts';
import { aggregateOf, MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { CLUSTER, FUNCTION_NAME, QUEUE_NAME } from './cni-alarms-stack.ts';
import type { StoryNode } from './story-fleet.ts';

/** What one run of the collector meets. */
export interface Cycle {
  readonly nodes: readonly StoryNode[];
  /** Pods that cannot be read. */
  readonly unread?: ReadonlySet<string>;
  readonly subnets: readonly Subnet[];
}

/** What happens to the function in a minute in which it is due. */
export type Run =
  | { readonly outcome: 'published'; readonly cycle: Cycle; readonly durationMs?: number }
  | { readonly outcome: 'failed'; readonly durationMs?: number }
  | { readonly outcome: 'throttled' }
  | { readonly outcome: 'not started'; readonly deadLetters?: number };

/** Goes the collector's own way from nodes to metrics, and AWS's from runs to those of the function. */
export class Story {
  readonly history = new MetricHistory();
  #readings: State | undefined;

  add(minute: number, run: Run): void {
    if (run.outcome === 'not started') {
      this.#put(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: QUEUE_NAME },
        minute,
        run.deadLetters ?? 0,
      );
      return;
    }
    const dimensions = { FunctionName: FUNCTION_NAME };
    this.#put('AWS/Lambda', 'Throttles', dimensions, minute, run.outcome === 'throttled' ? 1 : 0);
    if (run.outcome === 'throttled') return;
    this.#put('AWS/Lambda', 'Errors', dimensions, minute, run.outcome === 'failed' ? 1 : 0);
    this.#put('AWS/Lambda', 'Duration', dimensions, minute, run.durationMs ?? 2_000);
    if (run.outcome === 'published')
      for (const metric of this.#collect(minute, run.cycle)) this.#publish(metric, minute);
  }

  #collect(minute: number, { nodes, unread = new Set(), subnets }: Cycle): Metric[] {
    const fold = emptyFold();
    for (const { pod, reading } of nodes) {
      if (unread.has(pod)) addFailure(fold, pod, 'scrape-timeout', 'no answer');
      else addReading(fold, { name: pod, node: pod }, reading);
    }
    const counted = increase(this.#readings, {
      time: minute * 60_000,
      listed: new Set(nodes.map(({ pod }) => pod)),
      read: fold.readings,
    });
    this.#readings = counted.next;
    return [...cycleMetrics(fold, nodes.length, counted.increases, 2_000), ...subnetMetrics(subnets)];
  }

  #publish(metric: Metric, minute: number): void {
    const dimensions = { CLUSTER_ID: CLUSTER.clusterId, ...metric.dimensions };
    this.history.put(
      { namespace: CLUSTER.namespace, name: metric.name, dimensions },
      minute,
      aggregateOf(metric),
    );
  }

  #put(
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
    minute: number,
    value: number,
  ): void {
    this.history.putValue({ namespace, name, dimensions }, minute, value);
  }
}

/**
 * When each alarm was on, by name: the first minute at whose end it was, and how many it was on in all. CloudWatch
 * looks every minute, whatever the period. Alarms that never were are not in it.
 */
export function firings(
  alarms: readonly MetricAlarm[],
  history: MetricHistory,
  minutes: { readonly from: number; readonly to: number },
): Map<string, { readonly first: number; readonly minutes: number }> {
  const fired = new Map<string, { first: number; minutes: number }>();
  for (const alarm of alarms) {
    let state: AlarmState = 'INSUFFICIENT_DATA';
    for (let minute = minutes.from; minute < minutes.to; minute += 1) {
      state = stateAt(alarm, history, minute + 1, state);
      if (state !== 'ALARM') continue;
      const known = fired.get(alarm.id);
      fired.set(alarm.id, { first: known?.first ?? minute, minutes: (known?.minutes ?? 0) + 1 });
    }
  }
  return fired;
}
