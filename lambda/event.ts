import { quoted } from './domain/evidence.ts';
import { CollectorError } from './errors.ts';

/** What an invocation is asked to do. */
interface CollectorEvent {
  /** Epoch milliseconds; undefined: the event names no time, so the cycle runs for the current time. */
  readonly scheduledTime: number | undefined;
  /** A whole cycle that neither publishes nor advances the state. */
  readonly dryRun: boolean;
  /** A diagnosis instead of a cycle. */
  readonly diagnose: boolean;
  /** Adds one line per pod to the answer. */
  readonly verbose: boolean;
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** CloudWatch accepts timestamps up to two weeks old
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html). */
const OLDEST_MS = 14 * 24 * 3_600_000;
/** Every tick up to the scheduled time counts as published, so a time far ahead would stop the collection until then. */
const NEWEST_MS = 2 * 60_000;

const flag = { takes: 'true or false', accepts: (value: unknown) => typeof value === 'boolean' };

/** Every field of an event: what it takes, and how it is checked. EventBridge Scheduler sets `executionId` and
 * `attemptNumber`; nothing depends on them. */
const FIELDS: ReadonlyMap<string, { takes: string; accepts: (value: unknown, now: number) => boolean }> =
  new Map(
    Object.entries({
      scheduledTime: {
        takes:
          'an ISO 8601 time with its zone, from two weeks ago to two minutes ahead (2026-11-22T12:00:00Z)',
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
    }),
  );

/** Enough to correct an event; more would only repeat what somebody sent. */
const MAX_FAULTS = 10;

/**
 * Checks an event of EventBridge Scheduler or of a person. No event, null and {} mean: one cycle, now.
 * @param now epoch milliseconds
 * @throws CollectorError event-invalid; it names the first faults, and the fields that exist if one does not
 */
export function parseEvent(event: unknown, now: number): CollectorEvent {
  const fields = event ?? {};
  if (typeof fields !== 'object' || Array.isArray(fields))
    throw new CollectorError('event-invalid', `the event is ${quoted(event)}, not a JSON object`);
  const given = fields as Readonly<Record<string, unknown>>;
  // Not their entries: those of an event of 6 MB take a second to create.
  const wrong = Object.keys(given).filter((name) => !FIELDS.get(name)?.accepts(given[name], now));
  if (wrong.length > 0) throw invalid(wrong, given);
  const {
    scheduledTime,
    dryRun = false,
    diagnose = false,
    verbose = false,
  } = fields as { scheduledTime?: string; dryRun?: boolean; diagnose?: boolean; verbose?: boolean };
  if (dryRun && diagnose)
    throw new CollectorError(
      'event-invalid',
      'dryRun and diagnose exclude each other: a diagnosis never publishes',
      { remedy: 'Send one of the two.' },
    );
  return {
    scheduledTime: scheduledTime === undefined ? undefined : Date.parse(scheduledTime),
    dryRun,
    diagnose,
    verbose,
  };
}

function invalid(wrong: readonly string[], given: Readonly<Record<string, unknown>>): CollectorError {
  const named = wrong.slice(0, MAX_FAULTS).map((name) => faultOf(name, given[name]));
  const more = wrong.length - MAX_FAULTS;
  return new CollectorError(
    'event-invalid',
    [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  );
}

function faultOf(name: string, value: unknown): string {
  const field = FIELDS.get(name);
  return field
    ? `${name} is ${quoted(value)}, but takes ${field.takes}`
    : `${quoted(name)} does not exist (fields: ${[...FIELDS.keys()].join(', ')})`;
}
