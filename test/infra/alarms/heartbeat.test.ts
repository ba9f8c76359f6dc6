import { expect, test } from 'vitest';
import { type AlarmSimulation, simulateAlarms } from '../../support/alarm-simulation.ts';
import type { RunResult } from '../../support/simulated-collector.ts';

const HOUR = 60;

/** A stack that is deployed in the minute 0, before anything was published. */
const deployed = (
  intervalMinutes: number,
  run: (minute: number) => RunResult | undefined,
): AlarmSimulation => ({
  nodes: 2,
  seed: 1,
  minutes: 3 * HOUR,
  intervalMinutes,
  rates: { nodeLifeMs: Number.POSITIVE_INFINITY },
  onMinute: () => run,
});

test.each([1, 2, 5, 15])(
  'the first deployment sends no message, however long the first cycle of a collector takes that runs every %i min',
  (interval) => {
    for (const first of [0, 1, 4, 30]) {
      const simulation = deployed(interval, (minute) =>
        minute < first ? { outcome: 'not started' } : undefined,
      );
      expect(simulateAlarms(simulation, 0), `first published in minute ${first}`).toEqual({});
    }
  },
);

test('what keeps a collector from its first publication is reported, not the missing heartbeat', () => {
  const fails = deployed(1, () => ({ outcome: 'failed' }));
  expect(Object.keys(simulateAlarms(fails, 0))).toEqual(['function-errors']);
  const refused = deployed(1, () => ({ outcome: 'not started', deadLetters: 1 }));
  expect(Object.keys(simulateAlarms(refused, 0))).toEqual(['dead-letters']);
  // A schedule that is switched off from the start is not reported.
  expect(
    simulateAlarms(
      deployed(1, () => ({ outcome: 'not started' })),
      0,
    ),
  ).toEqual({});
});

test.each([
  { interval: 1, within: 5 },
  { interval: 5, within: 20 },
])(
  'published every $interval min and then no more: one message, within $within min',
  ({ interval, within }) => {
    const stops = 2 * HOUR;
    const simulation: AlarmSimulation = {
      ...deployed(interval, (minute) => (minute < stops ? undefined : { outcome: 'not started' })),
      // Longer than any alarm looks back.
      minutes: stops + 50 * HOUR,
    };
    const { heartbeat, ...others } = simulateAlarms(simulation, 0);
    expect(others).toEqual({});
    expect(heartbeat?.times).toBe(1);
    expect((heartbeat?.first ?? Number.POSITIVE_INFINITY) + 1 - stops).toBeLessThanOrEqual(within);
  },
);

test('it stays on for days: a single cycle ends it, and the next gap sends another message', () => {
  const stops = HOUR;
  const again = stops + 30 * HOUR;
  const simulation: AlarmSimulation = {
    ...deployed(1, (minute) => (minute < stops || minute === again ? undefined : { outcome: 'not started' })),
    minutes: again + HOUR,
  };
  expect(simulateAlarms(simulation, 0).heartbeat?.times).toBe(2);
});
