import { type Collector, collect } from './collect/collect.ts';
import type { Clock } from './collect/ports.ts';
import type { Report } from './collect/report.ts';
import { type Config, parseConfig } from './config.ts';
import { type Diagnosable, type Diagnosis, diagnose } from './diagnose/diagnose.ts';
import { CollectorError } from './errors.ts';
import { parseEvent } from './event.ts';
import { jsonLog, logCycle, logDiagnosis, logFailure } from './log.ts';

/** What the function needs of the process it runs in. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Takes one log line with its line feed. */
  readonly write: (line: string) => void;
}

/** What is used of Lambda's context; all of it may be missing where somebody calls the handler by hand. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis?(): number;
}

export interface Handler {
  (
    event: { readonly diagnose: true; readonly verbose?: boolean },
    context?: InvocationContext,
  ): Promise<Diagnosis>;
  (event?: unknown, context?: InvocationContext): Promise<Report>;
}

/** Time for a call by hand, without a Lambda context. */
const TIME_BY_HAND_MS = 50_000;

/**
 * Turns a collector into a Lambda handler: checks environment and event, runs one cycle, logs it, and throws
 * where the cycle is not acceptable, so that the function's Errors metric and its alarms see it.
 * @param compose makes the collector's maker; called once, so what is costly is kept while the function is warm
 * @param equip makes what a diagnosis works with, anew each time: nothing that is warm may hide a fault
 */
export function createHandler(
  host: Host,
  compose: (config: Config, host: Host) => () => Promise<Collector>,
  equip: (host: Host) => Promise<Diagnosable>,
): Handler {
  let warm: { config: Config; collector: () => Promise<Collector> } | undefined;

  const prepare = () => {
    const config = parseConfig(host.env);
    return { config, collector: compose(config, host) };
  };

  function handle(
    event: { readonly diagnose: true; readonly verbose?: boolean },
    context?: InvocationContext,
  ): Promise<Diagnosis>;
  function handle(event?: unknown, context?: InvocationContext): Promise<Report>;
  async function handle(event: unknown, context: InvocationContext = {}): Promise<Report | Diagnosis> {
    const { clock, write } = host;
    const endsAt = clock.elapsed() + TIME_BY_HAND_MS;
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? endsAt - clock.elapsed();
    let log = jsonLog('info', context.awsRequestId, clock.now, write);
    try {
      const asked = parseEvent(event, clock.now());
      if (asked.diagnose) {
        const diagnosis = await diagnose(await equip(host), { remainingMs, verbose: asked.verbose });
        logDiagnosis(log, diagnosis);
        return diagnosis;
      }
      warm ??= prepare();
      log = jsonLog(warm.config.logLevel, context.awsRequestId, clock.now, write);
      const { scheduledTime, dryRun, verbose } = asked;
      const tick = { time: scheduledTime ?? clock.now(), dryRun, verbose, remainingMs };
      const { report, failure } = await collect(await warm.collector(), tick);
      logCycle(log, report);
      if (failure) throw failure;
      return report;
    } catch (error) {
      if (error instanceof CollectorError) logFailure(log, error);
      throw error;
    }
  }
  return handle;
}
