import type { Deadline } from '../deadline.ts';
import type { Metric } from '../domain/metric.ts';
import type { State } from '../domain/state/state.ts';
import { CollectorError } from '../errors.ts';
import type { MetricSink, StateStore } from './ports.ts';
import type { Report, Warning } from './report.ts';

export interface PublishResult {
  readonly published: Report['published'];
  readonly failure?: CollectorError;
}

/**
 * Sends all metrics with one timestamp.
 * @param sink undefined: nothing is sent
 * @param time epoch milliseconds
 */
export async function publish(
  sink: MetricSink | undefined,
  metrics: readonly Metric[],
  time: number,
  deadline: Deadline,
): Promise<PublishResult> {
  if (sink === undefined) return { published: null };
  try {
    const { datums, requests } = await sink.publish(metrics, time, deadline);
    return { published: { sink: sink.name, datums, requests } };
  } catch (failure) {
    if (!(failure instanceof CollectorError)) throw failure;
    return { published: null, failure };
  }
}

/** After publishing, a store that fails loses nothing: it keeps the state in memory for the next cycle. */
export async function commit(store: StateStore, state: State, deadline: Deadline): Promise<Warning[]> {
  try {
    await store.commit(state, deadline);
    return [];
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    return [{ code: 'commit-failed', message: error.message }];
  }
}
