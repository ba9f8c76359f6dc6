import { COUNTERS, NOT_API_CALLS } from '../../lambda/domain/catalog.ts';
import type { ApiLatency } from '../../lambda/domain/pod-reading.ts';
import { type Series, series, seriesText } from './series.ts';

/** What one ipamd process has counted since its start; it is lost when the process ends. */
export interface Process {
  /** `process_start_time_seconds`, with the hundredths that the kernel's clock ticks have. */
  readonly startTime: number;
  /** By position in COUNTERS; NaN until the first event where the family has labels. */
  readonly counters: readonly number[];
  /** Every series exposed so far and its value. */
  readonly series: ReadonlyMap<Series, number>;
  readonly latencies: ReadonlyMap<string, LatencySeries>;
  /** One row per AWS API, in the order in which the text has them; see NOT_API_CALLS. */
  readonly byApi: readonly ApiLatency[];
  /** Actions seen so far: 1 while under way. */
  readonly actions: ReadonlyMap<string, 0 | 1>;
  /** How many of them are under way. */
  underWay(): number;
  act(action: string, isUnderWay: boolean): void;
  /** Nothing is under way any more. */
  rest(): void;
  count(what: Series, events?: number): void;
  /**
   * One call to an AWS API.
   * @param ms whole milliseconds
   * @param error code of the refusal
   */
  call(api: string, ms: number, error?: string, calls?: number): void;
}

interface LatencySeries {
  /** Its labels, as the text format writes them. */
  readonly labels: string;
  count: number;
  sum: number;
}

/** The totals of one API and status, and the counters that each of its calls adds to. */
interface CallSeries extends LatencySeries {
  /** Undefined if it is measured, but not counted as requests. */
  readonly row: { count: number; sum: number } | undefined;
  readonly counts: readonly Series[];
}

/** Counters without labels are 0 from the start; families with labels are absent until their first event. */
const UNLABELED = COUNTERS.flatMap(({ family, labels }) => (labels.length === 0 ? [series(family)] : []));

/** @param now epoch milliseconds */
export function startProcess(now: number): Process {
  const counters = COUNTERS.map(({ labels }) => (labels.length === 0 ? 0 : Number.NaN));
  const values = new Map<Series, number>(UNLABELED.map((known) => [known, 0]));
  const latencies = new Map<string, CallSeries>();
  const byApi: { api: string; count: number; sum: number }[] = [];
  const actions = new Map<string, 0 | 1>([['nodeInit', 0]]);
  let underWay = 0;

  const count = (what: Series, events = 1) => {
    values.set(what, (values.get(what) ?? 0) + events);
    for (const position of what.counters) counters[position] = (counters[position] || 0) + events;
  };

  const callSeries = (api: string, error: string | undefined): CallSeries => {
    const labels = seriesText('', { api, error: String(error !== undefined), status: error ?? '200' });
    if (NOT_API_CALLS.has(api)) return { labels, count: 0, sum: 0, row: undefined, counts: [] };
    let row = byApi.find((candidate) => candidate.api === api);
    if (!row) {
      row = { api, count: 0, sum: 0 };
      byApi.push(row);
      byApi.sort((a, b) => (a.api < b.api ? -1 : 1));
    }
    const errors =
      error === undefined
        ? []
        : [
            series('awscni_ec2api_error_count', { fn: api }),
            series('awscni_aws_api_error_count', { api, error }),
          ];
    return {
      labels,
      count: 0,
      sum: 0,
      row,
      counts: [series('awscni_ec2api_req_count', { fn: api }), ...errors],
    };
  };

  return {
    startTime: Math.round(now / 10) / 100,
    counters,
    series: values,
    latencies,
    byApi,
    actions,
    underWay: () => underWay,
    act(action, isUnderWay) {
      underWay += Number(isUnderWay) - (actions.get(action) ?? 0);
      actions.set(action, isUnderWay ? 1 : 0);
    },
    rest() {
      if (underWay === 0) return;
      for (const action of actions.keys()) actions.set(action, 0);
      underWay = 0;
    },
    count,
    call(api, ms, error, calls = 1) {
      const key = `${api} ${error ?? '200'}`;
      let known = latencies.get(key);
      if (!known) {
        known = callSeries(api, error);
        latencies.set(key, known);
      }
      known.count += calls;
      known.sum += ms;
      if (known.row) {
        known.row.count += calls;
        known.row.sum += ms;
      }
      for (const what of known.counts) count(what, calls);
    },
  };
}
