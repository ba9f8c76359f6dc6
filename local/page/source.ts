import type { Report } from '../../lambda/collect/report.ts';
import type { AlarmStates } from '../cloudwatch/alarm-states.ts';
import type { MetricHistory } from '../cloudwatch/metric-history.ts';
import type { RunningScenario } from '../scenarios/running-scenario.ts';
import type { Deployment } from './deployment.ts';
import type { Playback } from './playback.ts';

/** A cluster that the page shows. */
export interface PageSource {
  readonly deployment: Deployment;
  readonly history: MetricHistory;
  readonly alarms: AlarmStates;
  /** Grows with each cycle. */
  version(): number;
  /** Epoch milliseconds of the cluster's clock. */
  now(): number;
  /** Of the last cycle. */
  last(): { readonly report: Report | undefined; readonly failure: string | undefined };
  /** Undefined: the cluster is real, so time and events cannot be chosen. */
  readonly controls?: { readonly scenario: RunningScenario; readonly playback: Playback };
}
