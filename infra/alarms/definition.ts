import type { MetricName } from '../../lambda/contract.ts';
import type { RatioName, Statistic } from '../dashboard/cluster-metrics.ts';
import type { Timing } from './timing.ts';

/** What an alarm watches. */
export type Signal =
  | {
      readonly metric: MetricName;
      readonly statistic: Statistic;
      /** Values that breach this other alarm are left out where it exists: it reports them. */
      readonly leftTo?: ReportingAlarm;
    }
  /** Metric math over metrics of the cluster. */
  | {
      readonly math: string;
      readonly of: Readonly<Record<string, { readonly metric: MetricName; readonly statistic: Statistic }>>;
    }
  | { readonly ratio: RatioName }
  /** How often the metric was published; 0, not nothing, when it was not. */
  | { readonly publicationsOf: MetricName }
  | { readonly function: 'Errors' | 'Throttles' }
  /** The longest run, in percent of the function's timeout; nothing where a run failed, which Errors reports. */
  | { readonly function: 'Duration' }
  | { readonly queue: 'ApproximateNumberOfMessagesVisible' };

/** An alarm that reports an incident, so that others need not. */
type ReportingAlarm = 'subnetEmptySoon';

export interface AlarmDefinition {
  readonly title: string;
  readonly severity: 'critical' | 'warning';
  /** What happens to the users of the cluster, or will if nobody acts. */
  readonly impact: string;
  /** What to look at first. */
  readonly look: string;
  /** Heading of docs/runbook.md, as a link has it. */
  readonly runbook: string;
  readonly signal: Signal;
  readonly comparison: '>' | '<' | '<=';
  readonly threshold: number;
  readonly timing: Timing;
  /**
   * What it means that there is no datapoint. `ignore` (the state stays as it is) for what the collector publishes in
   * every cycle: heartbeat reports a gap, and the end of the gap must not send an OK message for each other alarm.
   */
  readonly missingData: 'breaching' | 'notBreaching' | 'ignore';
  /**
   * On only after the collector has published for the first time, as this metric shows: while a stack is first
   * deployed nothing is published, and missing data would be an alarm at once.
   */
  readonly onceStarted?: MetricName;
  /** Sends nothing while this other alarm is on, of which it is a consequence, where that exists. */
  readonly quietWhile?: ReportingAlarm;
  /**
   * Off unless it is asked for. `with-pods` and `with-subnet-metrics`: on where the deployment lacks these, since nothing
   * better can be known there.
   */
  readonly off?: true | 'with-pods' | 'with-subnet-metrics';
  /** Exists only where the deployment has this. */
  readonly needs?: 'subnetMetrics' | 'deadLetterQueue';
}
