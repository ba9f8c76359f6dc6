import type { Report } from '../../lambda/collect/report.ts';
import { CLUSTER_DIMENSION, DEFAULT_NAMESPACE } from '../../lambda/contract.ts';
import { AlarmStates } from '../cloudwatch/alarm-states.ts';
import { aggregateOf, type MetricHistory } from '../cloudwatch/metric-history.ts';
import { type Deployment, FUNCTION_NAME } from './deployment.ts';
import type { PageSource } from './source.ts';

export interface Run {
  readonly report: Report | undefined;
  /** The message of a run that failed. */
  readonly failure: string | undefined;
  readonly durationMs: number;
}

/** Runs of the function, as CloudWatch and the page know them. */
export class Runs {
  readonly #history: MetricHistory;
  readonly #now: () => number;
  readonly #alarms: AlarmStates;
  readonly #deployment: Deployment;
  #version = 0;
  #last: ReturnType<PageSource['last']> = { report: undefined, failure: undefined };

  /** @param now epoch milliseconds by the cluster's clock */
  constructor(deployment: Deployment, history: MetricHistory, now: () => number) {
    this.#deployment = deployment;
    this.#history = history;
    this.#now = now;
    this.#alarms = new AlarmStates(deployment.alarmSet, history);
  }

  /** Metrics that Lambda publishes itself, then the alarms. @param run undefined: it was not started */
  add(run: Run | undefined): void {
    const minute = Math.floor(this.#now() / 60_000);
    if (run) {
      const values = { Invocations: 1, Errors: run.failure ? 1 : 0, Throttles: 0, Duration: run.durationMs };
      for (const [name, value] of Object.entries(values)) {
        const series = { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: FUNCTION_NAME } };
        this.#history.putValue(series, minute, value);
      }
      this.#last = { report: run.report, failure: run.failure };
    }
    this.#alarms.evaluate(this.#now());
    this.#version += 1;
  }

  /** What a collector without a sink would have published. */
  publish({ metrics, clusterId }: Report): void {
    for (const metric of metrics) {
      const dimensions = { [CLUSTER_DIMENSION]: clusterId, ...metric.dimensions };
      const series = { namespace: DEFAULT_NAMESPACE, name: metric.name, dimensions };
      this.#history.put(series, Math.floor(this.#now() / 60_000), aggregateOf(metric));
    }
  }

  source(controls?: PageSource['controls']): PageSource {
    return {
      deployment: this.#deployment,
      history: this.#history,
      alarms: this.#alarms,
      version: () => this.#version,
      now: this.#now,
      last: () => this.#last,
      ...(controls && { controls }),
    };
  }
}
