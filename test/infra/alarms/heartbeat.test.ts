import { expect, test } from 'vitest';
import type { Run } from '../../support/alarm-story.ts';
import { type Told, tell } from '../../support/run-story.ts';

const HOUR = 60;

/** A stack that is deployed in the minute 0, before anything was published. */
const deployed = (intervalMinutes: number, run: (minute: number) => Run | undefined): Told => ({
  nodes: 2,
  seed: 1,
  minutes: 3 * HOUR,
  intervalMinutes,
  rates: { nodeLifeMs: Number.POSITIVE_INFINITY },
  happens: () => run,
});

test.each([1, 2, 5, 15])(
  'the first deployment sends no message, however long the first cycle of a collector takes that runs every %i min',
  (interval) => {
    for (const first of [0, 1, 4, 30]) {
      const story = deployed(interval, (minute) => (minute < first ? { outcome: 'not started' } : undefined));
      expect(tell(story, 0), `first published in minute ${first}`).toEqual({});
    }
  },
);

test('a collector that never publishes is told by what keeps it from publishing', () => {
  const fails = deployed(1, () => ({ outcome: 'failed' }));
  expect(Object.keys(tell(fails, 0))).toEqual(['function-errors']);
  const refused = deployed(1, () => ({ outcome: 'not started', deadLetters: 1 }));
  expect(Object.keys(tell(refused, 0))).toEqual(['dead-letters']);
  // Nobody is told of a schedule that is switched off from the start.
  expect(
    tell(
      deployed(1, () => ({ outcome: 'not started' })),
      0,
    ),
  ).toEqual({});
});

test.each([
  { interval: 1, within: 5 },
  { interval: 5, within: 20 },
])(
  'published every $interval min and then no more: told once, within $within min',
  ({ interval, within }) => {
    const stops = 2 * HOUR;
    const story: Told = {
      ...deployed(interval, (minute) => (minute < stops ? undefined : { outcome: 'not started' })),
      // Longer than any alarm looks back.
      minutes: stops + 50 * HOUR,
    };
    const { heartbeat, ...others } = tell(story, 0);
    expect(others).toEqual({});
    expect(heartbeat?.times).toBe(1);
    expect((heartbeat?.first ?? Number.POSITIVE_INFINITY) + 1 - stops).toBeLessThanOrEqual(within);
  },
);

test('it stays on for days: a single cycle ends it, and the next gap is told again', () => {
  const stops = HOUR;
  const again = stops + 30 * HOUR;
  const story: Told = {
    ...deployed(1, (minute) => (minute < stops || minute === again ? undefined : { outcome: 'not started' })),
    minutes: again + HOUR,
  };
  expect(tell(story, 0).heartbeat?.times).toBe(2);
});
