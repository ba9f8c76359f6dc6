import type { Deadline } from '../deadline.ts';
import { isSendable, type Metric } from '../domain/metric.ts';
import type { State } from '../domain/state/state.ts';
import { type CollectorError, expectedError } from '../errors.ts';
import type { Budget } from './budget.ts';
import type { MetricSink, StateStore } from './ports.ts';
import type { Warning } from './warning.ts';

/** The metrics of a cycle, without those with a value that CloudWatch does not accept. */
type SendableMetrics = Pick<PublishResult, 'metrics' | 'leftOut'>;

export const sendable = (all: readonly Metric[]): SendableMetrics => ({
  metrics: all.filter(isSendable),
  leftOut: all.filter((metric) => !isSendable(metric)),
});

/** What a cycle has to publish. */
interface Publication {
  /** Epoch milliseconds. */
  readonly time: number;
  /** The state after it; undefined: the counters are withheld. */
  readonly next: State | undefined;
  readonly metricsOf: (isCounted: boolean) => SendableMetrics;
}

/** What one sink accepted of a cycle. */
export interface Sent {
  readonly sink: string;
  readonly datums: number;
  readonly requests: number;
}

export interface PublishResult {
  readonly metrics: readonly Metric[];
  /** Metrics with a value that CloudWatch does not accept. */
  readonly leftOut: readonly Metric[];
  /** False: the counters are withheld. */
  readonly isCounted: boolean;
  readonly published: Sent | null;
  readonly warnings: readonly Warning[];
  readonly failure?: CollectorError | undefined;
}

/**
 * Prepares the state, publishes, and commits, or rolls the state back if nothing was published. If the state cannot
 * be prepared, the counters are withheld: the next cycle covers the gap.
 */
export async function publish(
  { state, sink }: { readonly state: StateStore; readonly sink: MetricSink | undefined },
  { time, next, metricsOf }: Publication,
  budget: Budget,
): Promise<PublishResult> {
  const unprepared = next && (await failureOf(state.prepare(next, budget.prepare())));
  const isCounted = next !== undefined && unprepared === undefined;
  const { metrics, leftOut } = metricsOf(isCounted);
  const { published, failure } = await send(sink, metrics, time, budget.publish);
  const end = failure ? state.rollback : state.commit;
  const unended = isCounted ? await failureOf(end(budget.end())) : undefined;
  return {
    metrics,
    leftOut,
    isCounted,
    published,
    warnings: [
      ...(unprepared ? [{ code: 'counters-withheld' as const, message: unprepared.message }] : []),
      ...(unended ? [{ code: 'commit-failed' as const, message: unended.message }] : []),
    ],
    failure: failure ?? unprepared,
  };
}

/**
 * Sends all metrics with one timestamp.
 * @param sink undefined: nothing is sent
 * @param time epoch milliseconds
 */
export async function send(
  sink: MetricSink | undefined,
  metrics: readonly Metric[],
  time: number,
  deadline: Deadline,
): Promise<{ published: Sent | null; failure?: CollectorError }> {
  if (sink === undefined) return { published: null };
  try {
    const { datums, requests } = await sink.publish(metrics, time, deadline);
    return { published: { sink: sink.name, datums, requests } };
  } catch (error) {
    return { published: null, failure: expectedError(error) };
  }
}

const failureOf = (work: Promise<void>): Promise<CollectorError | undefined> =>
  work.then(() => undefined, expectedError);
