import { expect, test } from 'vitest';
import { CollectorError } from '../../lambda/errors.ts';
import { parseEvent } from '../../lambda/event.ts';

const NOW = Date.parse('2026-11-22T12:00:30Z');
const CYCLE = { dryRun: false, diagnose: false, verbose: false };

test.each([
  { event: undefined, parsed: { scheduledTime: undefined, ...CYCLE } },
  { event: null, parsed: { scheduledTime: undefined, ...CYCLE } },
  { event: {}, parsed: { scheduledTime: undefined, ...CYCLE } },
  { event: { dryRun: true }, parsed: { scheduledTime: undefined, ...CYCLE, dryRun: true } },
  {
    event: { diagnose: true, verbose: true },
    parsed: { scheduledTime: undefined, dryRun: false, diagnose: true, verbose: true },
  },
  {
    event: { scheduledTime: '2026-11-22T12:00:00Z', executionId: 'd32c5kddcf5bb8c3', attemptNumber: '1' },
    parsed: { scheduledTime: Date.parse('2026-11-22T12:00:00Z'), ...CYCLE },
  },
  {
    event: { scheduledTime: '2026-11-22T13:00:00+01:00' },
    parsed: { scheduledTime: Date.parse('2026-11-22T12:00:00Z'), ...CYCLE },
  },
  {
    event: { scheduledTime: '2026-11-22T12:00Z' },
    parsed: { scheduledTime: Date.parse('2026-11-22T12:00:00Z'), ...CYCLE },
  },
])('takes $event', ({ event, parsed }) => {
  expect(parseEvent(event, NOW)).toEqual(parsed);
});

const TIME = 'an ISO 8601 time with its zone, from two weeks ago to two minutes ahead (2026-11-22T12:00:00Z)';

test.each([
  { event: 'now', fault: 'the event is "now", not a JSON object' },
  { event: [], fault: 'the event is a list, not a JSON object' },
  { event: 7, fault: 'the event is 7, not a JSON object' },
  {
    event: { dryrun: true },
    fault:
      '"dryrun" does not exist (fields: scheduledTime, executionId, attemptNumber, dryRun, diagnose, verbose)',
  },
  { event: { dryRun: 'true' }, fault: 'dryRun is "true", but takes true or false' },
  { event: { scheduledTime: 1795348800 }, fault: `scheduledTime is 1795348800, but takes ${TIME}` },
  { event: { scheduledTime: '' }, fault: `scheduledTime is "", but takes ${TIME}` },
  { event: { scheduledTime: '2026-11-22' }, fault: `scheduledTime is "2026-11-22", but takes ${TIME}` },
  {
    event: { scheduledTime: '2026-11-22T12:00:00' },
    fault: `scheduledTime is "2026-11-22T12:00:00", but takes ${TIME}`,
  },
  {
    event: { scheduledTime: '2026-13-22T12:00:00Z' },
    fault: `scheduledTime is "2026-13-22T12:00:00Z", but takes ${TIME}`,
  },
  {
    event: { scheduledTime: '<aws.scheduler.scheduled-time>' },
    fault: `scheduledTime is "<aws.scheduler.scheduled-time>", but takes ${TIME}`,
  },
  {
    event: { scheduledTime: '2026-11-08T12:00:29Z' },
    fault: `scheduledTime is "2026-11-08T12:00:29Z", but takes ${TIME}`,
  },
  {
    event: { scheduledTime: '2026-11-22T12:02:31Z' },
    fault: `scheduledTime is "2026-11-22T12:02:31Z", but takes ${TIME}`,
  },
  {
    event: { dryRun: 1, executionId: {} },
    fault: 'dryRun is 1, but takes true or false; executionId is an object, but takes a string',
  },
])('refuses $event', ({ event, fault }) => {
  expect(() => parseEvent(event, NOW)).toThrow(
    expect.objectContaining({
      code: 'event-invalid',
      message: `event-invalid: ${fault}. Correct the fields that the message names.`,
    }),
  );
});

const FIELDS = 'scheduledTime, executionId, attemptNumber, dryRun, diagnose, verbose';

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'refuses a field with the name of something that every object has: %s',
  (name) => {
    expect(() => parseEvent(JSON.parse(`{"${name}":1}`), NOW)).toThrow(
      `event-invalid: "${name}" does not exist (fields: ${FIELDS}). Correct`,
    );
  },
);

test.each([
  { what: 'a long text', event: { scheduledTime: 'x'.repeat(100_000) } },
  { what: 'a long name', event: { ['x'.repeat(100_000)]: 1 } },
  { what: 'many fields', event: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`x${n}`, 1])) },
  { what: 'a deep object', event: { dryRun: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) } },
])('of $what the message names only the beginning', ({ event }) => {
  const message = (() => {
    try {
      return `accepted ${parseEvent(event, NOW)}`;
    } catch (error) {
      return error instanceof CollectorError ? error.message : `failed ${error}`;
    }
  })();
  expect(message).toMatch(/^event-invalid: /);
  expect(message.length).toBeLessThan(2_000);
});

test('dryRun and diagnose together are refused', () => {
  expect(() => parseEvent({ dryRun: true, diagnose: true }, NOW)).toThrow(
    'event-invalid: dryRun and diagnose exclude each other: a diagnosis never publishes. Send one of the two.',
  );
  expect(parseEvent({ dryRun: false, diagnose: true }, NOW)).toMatchObject({ diagnose: true });
});
