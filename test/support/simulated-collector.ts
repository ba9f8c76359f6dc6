import { advance } from '../../lambda/collect/advance.ts';
import { coverageMetrics, cycleMetrics } from '../../lambda/domain/cycle-metrics.ts';
import { addFailure, addReading, emptyFold } from '../../lambda/domain/fold.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import type { State } from '../../lambda/domain/state/state.ts';
import type { SubnetHistory } from '../../lambda/domain/subnets/exhaustion.ts';
import { type Subnet, subnetMetrics } from '../../lambda/domain/subnets/subnet.ts';
import { aggregateOf, MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';
import { readingOf } from '../../local/simulation/reading.ts';
import { CLUSTER, FUNCTION_NAME, QUEUE_NAME } from './cni-alarms-stack.ts';
import { SimulatedHoldings } from './simulated-holdings.ts';

/** The result of a run of the function. */
export type RunResult =
  | {
      readonly outcome: 'published';
      /** Of pods that cannot be read. */
      readonly isUnread?: (pod: string) => boolean;
      readonly durationMs?: number;
    }
  | { readonly outcome: 'failed'; readonly durationMs?: number }
  | { readonly outcome: 'throttled' }
  | { readonly outcome: 'not started'; readonly deadLetters?: number };

/** Runs the collector's own code over a fleet, and records its metrics and those that AWS publishes about the function. */
export class SimulatedCollector {
  readonly history = new MetricHistory();
  readonly #fleet: Fleet;
  readonly #holdings: SimulatedHoldings;
  readonly #subnetMetrics: boolean;
  #state: State | undefined;

  /** @param subnetMetrics whether SUBNET_METRICS is on */
  constructor(fleet: Fleet, subnetMetrics: boolean) {
    this.#fleet = fleet;
    this.#holdings = new SimulatedHoldings(fleet);
    this.#subnetMetrics = subnetMetrics;
    this.#state = { time: 0, since: 0, pods: new Map(), ...(subnetMetrics && { subnets: likeNow(fleet) }) };
  }

  add(minute: number, run: RunResult): void {
    if (run.outcome === 'not started') {
      const dimensions = { QueueName: QUEUE_NAME };
      const waiting = run.deadLetters ?? 0;
      this.#put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, minute, waiting);
      return;
    }
    const dimensions = { FunctionName: FUNCTION_NAME };
    this.#put('AWS/Lambda', 'Throttles', dimensions, minute, run.outcome === 'throttled' ? 1 : 0);
    if (run.outcome === 'throttled') return;
    const metrics = run.outcome === 'published' ? this.#collect(run.isUnread) : undefined;
    this.#put('AWS/Lambda', 'Errors', dimensions, minute, metrics?.isReadable ? 0 : 1);
    this.#put('AWS/Lambda', 'Duration', dimensions, minute, run.durationMs ?? 2_000);
    for (const metric of metrics?.published ?? []) this.#publish(metric, minute);
  }

  #collect(isUnread: (pod: string) => boolean = () => false) {
    const listed = this.#fleet.listed();
    const subnets = this.#subnetMetrics ? describedSubnets(this.#fleet) : [];
    const fold = emptyFold();
    for (const { pod, node } of listed) {
      if (!node || isUnread(pod)) addFailure(fold, pod, 'scrape-timeout', 'no answer');
      else addReading(fold, { name: pod, node: pod }, readingOf(node));
    }
    const isReadable = fold.readings.size > 0;
    const pods = listed.map(({ pod }) => ({ name: pod, node: pod }));
    const advanced = advance(this.#state, { time: this.#fleet.now(), pods, read: fold.readings, subnets });
    this.#state = advanced.next;
    const published = [
      ...(isReadable
        ? cycleMetrics(fold, pods.length, advanced.increases, 2_000)
        : coverageMetrics(pods.length, 0)),
      ...advanced.nodeMetrics,
      ...subnetMetrics(subnets),
      ...advanced.exhaustion,
      ...this.#holdings.metrics,
    ];
    if (this.#subnetMetrics) this.#holdings.refresh(subnets);
    return { isReadable, published };
  }

  #publish(metric: Metric, minute: number): void {
    const dimensions = { CLUSTER_ID: CLUSTER.clusterId, ...metric.dimensions };
    const series = { namespace: CLUSTER.namespace, name: metric.name, dimensions };
    this.history.put(series, minute, aggregateOf(metric));
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

/** As EC2 describes them. */
const describedSubnets = (fleet: Fleet): Subnet[] =>
  fleet.subnets().map(({ id, cidr, free }) => ({
    id,
    cidr,
    vpcId: 'vpc-1',
    prefix: Number(cidr.split('/')[1]),
    available: free(),
    tags: new Map(),
  }));

/** As if every hour of the last days had been like this one: a simulation starts at noon, when load is highest. */
function likeNow(fleet: Fleet): ReadonlyMap<string, SubnetHistory> {
  const hour = Math.floor(fleet.now() / 3_600_000);
  return new Map(
    fleet.subnets().map(({ id, free }) => {
      const lowest = free();
      const hours = Array.from({ length: 49 }, (_, index) => ({ hour: hour - 49 + index, lowest }));
      const days = Array.from({ length: 8 }, (_, index) => ({
        day: Math.floor(hour / 24) - 8 + index,
        lowest,
      }));
      return [id, { hours, days, recent: [] }];
    }),
  );
}
