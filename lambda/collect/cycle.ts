import type { Clock, Deadline } from '../deadline.ts';
import type { ClusterReader, HoldingsCache, MetricSink, StateStore, SubnetReader } from './ports.ts';
import type { Warning } from './warning.ts';

/** What a cycle works with. */
export interface Collector {
  readonly clusterName: string;
  /** Value of the dimension CLUSTER_ID. */
  readonly clusterId: string;
  /** Undefined: the cluster has no aws-node pods, so none are listed and nothing is counted. */
  readonly cluster: ClusterReader | undefined;
  readonly state: StateStore;
  /** Undefined: nothing is published. */
  readonly sink: MetricSink | undefined;
  /** Undefined: no subnet metrics. */
  readonly subnets: SubnetReader | undefined;
  /** Undefined: no subnet metrics. */
  readonly holdings?: HoldingsCache | undefined;
  readonly scrape: { readonly timeoutMs: number; readonly concurrency: number };
  readonly clock: Clock;
  /** Warnings about the configuration, in every report. */
  readonly notices: readonly Warning[];
}

export interface Cycle {
  /** The scheduled time, epoch milliseconds: the timestamp of all metrics. */
  readonly time: number;
  /** Do not publish and do not advance the state. */
  readonly dryRun: boolean;
  /** One line per pod in the report. @default false */
  readonly verbose?: boolean;
  /** When the invocation is cut off. */
  readonly deadline: Deadline;
}
