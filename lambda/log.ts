import type { Report } from './collect/report.ts';
import { CYCLE_MESSAGE, LOG_LEVELS, type LogLevel } from './contract.ts';
import type { Diagnosis } from './diagnose/diagnose.ts';
import type { CollectorError } from './errors.ts';

/** Writes one line of JSON; `message` is the kind of line. */
type Log = (level: LogLevel, message: string, fields: object) => void;

/**
 * JSON lines of `level` and above, with the fields of Lambda's JSON log format.
 * @param write takes a whole line. Lambda keeps lines written directly to stdout as they are; `console.log` would wrap
 *   them into a string of escaped JSON
 */
export function jsonLog(
  level: LogLevel,
  requestId: string | undefined,
  now: () => number,
  write: (line: string) => void,
): Log {
  return (lineLevel, message, fields) => {
    if (LOG_LEVELS.indexOf(lineLevel) < LOG_LEVELS.indexOf(level)) return;
    const timestamp = new Date(now()).toISOString();
    write(
      `${JSON.stringify({ timestamp, level: lineLevel.toUpperCase(), requestId, message, ...fields })}\n`,
    );
  };
}

/**
 * Logs a cycle: one line with the report, one for each warning, and at DEBUG one for each metric. The lines of pods are
 * left out: 5,000 of them would exceed the limit of one event in CloudWatch Logs.
 */
export function logCycle(log: Log, report: Report): void {
  for (const metric of report.metrics) log('debug', 'metric', { time: report.time, metric });
  for (const warning of report.warnings) log('warn', 'warning', { time: report.time, warning });
  const { podLines: _, ...rest } = report;
  log('info', CYCLE_MESSAGE, rest);
}

/** Logs a diagnosis: one line with all steps. */
export function logDiagnosis(log: Log, { healthy, steps }: Diagnosis): void {
  log(healthy ? 'info' : 'warn', 'diagnosis', { healthy, steps });
}

/** Logs why an invocation failed. */
export function logFailure(log: Log, { code, message, remedy, cause }: CollectorError): void {
  log('error', 'failure', {
    code,
    error: message,
    remedy,
    ...(cause instanceof Error && { cause: cause.message }),
  });
}
