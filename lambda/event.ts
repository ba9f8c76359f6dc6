import { CollectorError } from './errors.ts';

/** What an invocation is asked to do. */
export interface CollectorEvent {
  /** Epoch milliseconds; undefined where the event names no time: the cycle is one of now. */
  readonly scheduledTime: number | undefined;
  /** All but publishing and committing. */
  readonly dryRun: boolean;
  /** No cycle: the path of one, step by step. */
  readonly diagnose: boolean;
  /** A line for every pod in the answer. */
  readonly verbose: boolean;
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** CloudWatch takes timestamps from two weeks ago to two hours ahead
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html). */
const OLDEST_MS = 14 * 24 * 3_600_000;
const NEWEST_MS = 2 * 3_600_000;

const flag = { takes: 'true or false', accepts: (value: unknown) => typeof value === 'boolean' };

/** Every field an event may have: what it takes, and how it is checked. `executionId` and `attemptNumber` are
 * those of EventBridge Scheduler; they are logged, nothing depends on them. */
const FIELDS: Record<string, { takes: string; accepts: (value: unknown, now: number) => boolean }> = {
  scheduledTime: {
    takes: 'an ISO 8601 time with its zone, from two weeks ago to two hours ahead (2026-11-22T12:00:00Z)',
    accepts: (value, now) => {
      if (typeof value !== 'string' || !ISO_8601.test(value)) return false;
      const age = now - Date.parse(value);
      return age <= OLDEST_MS && age >= -NEWEST_MS;
    },
  },
  executionId: { takes: 'a string', accepts: (value) => typeof value === 'string' },
  attemptNumber: {
    takes: 'a number or a string',
    accepts: (value) => typeof value === 'string' || typeof value === 'number',
  },
  dryRun: flag,
  diagnose: flag,
  verbose: flag,
};

/**
 * The event as EventBridge Scheduler or a person sends it. No event at all, null and {} mean: one cycle, now.
 * @param now epoch milliseconds
 * @throws CollectorError event-invalid, with every fault and the fields that exist
 */
export function parseEvent(event: unknown, now: number): CollectorEvent {
  const fields = event ?? {};
  if (typeof fields !== 'object' || Array.isArray(fields))
    throw new CollectorError('event-invalid', `the event is ${JSON.stringify(event)}, not a JSON object`);
  const faults = Object.entries(fields).flatMap(([name, value]) => {
    const field = FIELDS[name];
    if (field === undefined) return [`${name} does not exist (fields: ${Object.keys(FIELDS).join(', ')})`];
    return field.accepts(value, now) ? [] : [`${name} is ${JSON.stringify(value)}, but takes ${field.takes}`];
  });
  if (faults.length > 0) throw new CollectorError('event-invalid', faults.join('; '));
  const {
    scheduledTime,
    dryRun = false,
    diagnose = false,
    verbose = false,
  } = fields as { scheduledTime?: string; dryRun?: boolean; diagnose?: boolean; verbose?: boolean };
  if (dryRun && diagnose)
    throw new CollectorError(
      'event-invalid',
      'dryRun and diagnose exclude each other: a diagnosis publishes nothing anyway',
      { remedy: 'Send one of the two.' },
    );
  return {
    scheduledTime: scheduledTime === undefined ? undefined : Date.parse(scheduledTime),
    dryRun,
    diagnose,
    verbose,
  };
}
