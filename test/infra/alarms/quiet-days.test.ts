import { expect, test } from 'vitest';
import { seededRandom } from '../../../local/simulation/random.ts';
import { alarmsStack } from '../../support/cni-alarms-stack.ts';
import { firstFirings, live, podsOf, type Told } from '../../support/run-story.ts';
import type { StoryFleet } from '../../support/story-fleet.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
const template = alarmsStack();

/** EC2 throttles for two minutes every six hours; an ipamd restarts every hour; now and then a pod is not read. */
const healthyDay = (intervalMinutes: number): Told => {
  const random = seededRandom(24);
  return {
    nodes: 200,
    minutes: DAY,
    prefix: 19,
    intervalMinutes,
    happens(minute, fleet) {
      fleet.throttled = minute % (6 * HOUR) < 2 ? 0.5 : 0.003;
      if (minute % HOUR === 17) fleet.nodes[random.below(200)]?.restart(minute);
      if (minute === 7 * HOUR) return { lost: { outcome: 'failed' } };
      if (minute % (5 * HOUR) === 0) return { durationMs: 38_000 };
      return random.chance(0.02) ? { unread: podsOf(fleet, 1) } : undefined;
    },
  };
};

test('a healthy day of 200 nodes with its small mishaps is quiet, but not for alarms that look only once', () => {
  const history = live(healthyDay(1));
  expect(firstFirings(template, history, DAY)).toEqual({});

  const nervous = { evaluationPeriods: 1 };
  const overrides = {
    coverageLow: nervous,
    awsApiErrors: nervous,
    functionErrors: nervous,
    functionSlow: nervous,
  };
  expect(Object.keys(firstFirings(alarmsStack({ overrides }), history, DAY)).sort()).toEqual([
    'aws-api-errors',
    'coverage-low',
    'function-errors',
    'function-slow',
  ]);
});

test('a healthy day read every 5 minutes is quiet', () => {
  expect(firstFirings(alarmsStack({ intervalMinutes: 5 }), live(healthyDay(5)), DAY)).toEqual({});
});

const REPLACED_IN = 4;

/** In each lane a node joins, not yet to be read; an old one is drained, does not answer in the end, is gone. */
const replacement = (lanes: number): Told => ({
  nodes: 200,
  minutes: (200 / lanes) * REPLACED_IN,
  prefix: 19,
  happens(minute, fleet) {
    const unread = Array.from({ length: lanes }, (_, lane) =>
      replaceOne(fleet, lane * 20, minute + lane, minute),
    );
    return { unread: new Set(unread.flat()) };
  },
});

/** @returns the pods that cannot be read in this minute */
function replaceOne(fleet: StoryFleet, index: number, step: number, minute: number): string[] {
  const old = fleet.nodes[index];
  if (!old) return [];
  if (step % REPLACED_IN === 0) return [fleet.join(minute).pod];
  if (step % REPLACED_IN === 2) return [old.pod];
  if (step % REPLACED_IN === 1) old.load = 0;
  else fleet.leave(old);
  return [];
}

test('replacing all nodes one after the other, as a managed node group does, is quiet', () => {
  const told = replacement(1);
  expect(firstFirings(template, live(told), told.minutes)).toEqual({});
});

test('replacing several at a time leaves some node unread all the time, and says no more than that', () => {
  const told = replacement(4);
  expect(Object.keys(firstFirings(template, live(told), told.minutes))).toEqual(['coverage-low']);
});
