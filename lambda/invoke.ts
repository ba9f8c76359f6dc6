import { collect } from './collect/collect.ts';
import type { Collector } from './collect/cycle.ts';
import type { Report } from './collect/report.ts';
import { type Config, parseConfig } from './config.ts';
import { type Clock, Deadline } from './deadline.ts';
import { type Diagnosable, type Diagnosis, diagnose } from './diagnose/diagnose.ts';
import { rememberSecret } from './domain/redact.ts';
import { CollectorError } from './errors.ts';
import { parseEvent } from './event.ts';
import { jsonLog, logCycle, logDiagnosis, logFailure } from './log.ts';

/** What the function needs from the process it runs in. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Takes one log line with its line feed. */
  readonly write: (line: string) => void;
}

/** The part of Lambda's context that is used; all of it may be missing when the handler is called directly. */
interface InvocationContext {
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

/** Time limit without a Lambda context. */
const DEFAULT_TIMEOUT_MS = 50_000;

/**
 * Turns a collector into a Lambda handler: checks environment and event, runs one cycle, logs it, and throws
 * if the cycle is not acceptable, so that the function's Errors metric and its alarms see it.
 * @param composeCollector called once: what is expensive is kept while the function is warm
 * @param composeDiagnosis called for each diagnosis: nothing kept from a warm function may hide a fault
 */
export function createHandler(
  host: Host,
  composeCollector: (config: Config, host: Host) => () => Promise<Collector>,
  composeDiagnosis: (host: Host) => Promise<Diagnosable>,
): Handler {
  let warm: { config: Config; collector: () => Promise<Collector> } | undefined;

  const prepare = () => {
    const config = parseConfig(host.env);
    return { config, collector: composeCollector(config, host) };
  };

  function handle(
    event: { readonly diagnose: true; readonly verbose?: boolean },
    context?: InvocationContext,
  ): Promise<Diagnosis>;
  function handle(event?: unknown, context?: InvocationContext): Promise<Report>;
  async function handle(event: unknown, context: InvocationContext = {}): Promise<Report | Diagnosis> {
    const { clock, env, write } = host;
    // Lambda puts the role's credentials here; what repeats them may fail before anything asks for them.
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) rememberSecret(env[name]);
    const deadline = Deadline.in(context.getRemainingTimeInMillis?.() ?? DEFAULT_TIMEOUT_MS, clock);
    let log = jsonLog('info', context.awsRequestId, clock.now, write);
    try {
      const asked = parseEvent(event, clock.now());
      if (asked.diagnose) {
        const diagnosis = await diagnose(await composeDiagnosis(host), { deadline, verbose: asked.verbose });
        logDiagnosis(log, diagnosis);
        return diagnosis;
      }
      warm ??= prepare();
      log = jsonLog(warm.config.logLevel, context.awsRequestId, clock.now, write);
      const { scheduledTime, dryRun, verbose } = asked;
      const cycle = { time: scheduledTime ?? clock.now(), dryRun, verbose, deadline };
      const { report, failure } = await collect(await warm.collector(), cycle);
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
