import type { WarningCode } from '../domain/causes.ts';
import type { NodeUse } from '../domain/fold.ts';
import type { Metric } from '../domain/metric.ts';
import type { Coverage } from './coverage.ts';

/** What one invocation returns and logs; the shape is documented in docs/report-and-events.md and stays stable. */
export interface Report {
  readonly cluster: string;
  readonly clusterId: string;
  /** The timestamp of all metrics of the cycle, ISO 8601. */
  readonly time: string;
  readonly pods: Coverage;
  /** Everything that was, or in a dry run would have been, published. */
  readonly metrics: readonly Metric[];
  /** Null if nothing was sent: dry run, USE_CLOUDWATCH=no, or a tick that is published already. */
  readonly published: { readonly sink: string; readonly datums: number; readonly requests: number } | null;
  readonly counters: {
    /** Pods whose counters start here: nothing is known about what they counted before. */
    readonly baselined: number;
    /** Pods whose ipamd restarted since the last cycle. */
    readonly restarted: number;
  };
  readonly durationsMs: {
    readonly discover: number;
    readonly scrape: number;
    readonly publish: number;
    readonly total: number;
  };
  readonly warnings: readonly Warning[];
  /** The nodes nearest to exhaustion, worst first, ten at the most. */
  readonly fullest: readonly NodeUse[];
  /** One line per pod, by name; only if the event asks for it (verbose), and never in the log. */
  readonly podLines?: readonly string[];
}

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}
