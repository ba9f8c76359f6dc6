import { expect, test } from 'vitest';
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

const TIME = 'an ISO 8601 time with its zone, from two weeks ago to two hours ahead (2026-11-22T12:00:00Z)';

test.each([
  { event: 'now', fault: 'the event is "now", not a JSON object' },
  { event: [], fault: 'the event is [], not a JSON object' },
  { event: 7, fault: 'the event is 7, not a JSON object' },
  {
    event: { dryrun: true },
    fault:
      'dryrun does not exist (fields: scheduledTime, executionId, attemptNumber, dryRun, diagnose, verbose)',
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
    event: { scheduledTime: '2026-11-22T14:00:31Z' },
    fault: `scheduledTime is "2026-11-22T14:00:31Z", but takes ${TIME}`,
  },
  {
    event: { dryRun: 1, executionId: {} },
    fault: 'dryRun is 1, but takes true or false; executionId is {}, but takes a string',
  },
])('refuses $event', ({ event, fault }) => {
  expect(() => parseEvent(event, NOW)).toThrow(
    expect.objectContaining({
      code: 'event-invalid',
      message: `event-invalid: ${fault}. Correct the fields that the message names.`,
    }),
  );
});

test('a diagnosis is no dry run: to ask for both is refused', () => {
  expect(() => parseEvent({ dryRun: true, diagnose: true }, NOW)).toThrow(
    'event-invalid: dryRun and diagnose exclude each other: a diagnosis publishes nothing anyway. Send one of the two.',
  );
  expect(parseEvent({ dryRun: false, diagnose: true }, NOW)).toMatchObject({ diagnose: true });
});
