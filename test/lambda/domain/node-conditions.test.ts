import { describe, expect, test } from 'vitest';
import {
  isCrashLooping,
  lasts,
  type NodeConditions,
  type NodeObservation,
  nextConditions,
} from '../../../lambda/domain/node-conditions.ts';

const MINUTE = 60_000;

const SEEN: Readonly<Record<string, NodeObservation>> = {
  // read, quiet
  '.': { isRead: true, refusedPods: false, isRestarted: false },
  // unread
  u: { isRead: false, refusedPods: undefined, isRestarted: false },
  // read, refuses pods
  r: { isRead: true, refusedPods: true, isRestarted: false },
  // read, restarted
  s: { isRead: true, refusedPods: false, isRestarted: true },
};

/** A letter for each cycle; what counts in the end. */
function after(course: string, periodMinutes = 1): string[] {
  let conditions: NodeConditions = {};
  let time = 0;
  for (const letter of course) {
    const before = time;
    time += periodMinutes * MINUTE;
    const seen = SEEN[letter];
    if (!seen) throw new Error(`no such letter: ${letter}`);
    conditions = nextConditions(conditions, seen, time, before);
  }
  return [
    ...(lasts(conditions.unread, time) ? ['unread'] : []),
    ...(lasts(conditions.refusing, time) ? ['refusing'] : []),
    ...(isCrashLooping(conditions, time) ? ['restarting'] : []),
  ];
}

describe.each<{ what: string; course: string; period?: number; counts: string[] }>([
  { what: 'a quiet node', course: '......', counts: [] },
  { what: 'unread for four minutes', course: '.uuuuu', counts: [] },
  { what: 'unread for five minutes', course: '.uuuuuu', counts: ['unread'] },
  { what: 'read again', course: '.uuuuuu.', counts: [] },
  { what: 'read once in between', course: 'uuuuu.uuuuu', counts: [] },
  { what: 'unread in two cycles of five minutes', course: '.uu', period: 5, counts: ['unread'] },
  { what: 'unread in one cycle of five minutes', course: '.u', period: 5, counts: [] },
  { what: 'unread in one cycle of an hour', course: '.u', period: 60, counts: [] },
  { what: 'unread in two cycles of an hour', course: '.uu', period: 60, counts: ['unread'] },
  { what: 'a burst of pods for three minutes', course: '.rrr...', counts: [] },
  { what: 'pods refused for five minutes', course: '.rrrrrr', counts: ['refusing'] },
  { what: 'pods refused, with a cycle unread in between', course: 'rrruurrr', counts: ['refusing'] },
  {
    what: 'pods refused every half minute, seen in cycles every 5 s by hand',
    course: 'r.....'.repeat(13),
    period: 1 / 12,
    counts: ['refusing'],
  },
  {
    what: 'pods refused for five minutes, and not in the next one, in such cycles',
    course: 'r.....'.repeat(13) + '.'.repeat(7),
    period: 1 / 12,
    counts: [],
  },
  { what: 'one restart', course: '..s...', counts: [] },
  { what: 'two restarts', course: '.s.s..', counts: [] },
  { what: 'three restarts in half an hour', course: '.s.s..s', counts: ['restarting'] },
  { what: 'three restarts in an hour', course: `s${'.'.repeat(20)}s${'.'.repeat(20)}s`, counts: [] },
  { what: 'a crash loop that ended', course: `sss${'.'.repeat(30)}`, counts: [] },
])('$what', ({ course, period, counts }) => {
  test(`counts as ${counts.join() || 'nothing'}`, () => {
    expect(after(course, period)).toEqual(counts);
  });
});

test('a quiet node needs no memory', () => {
  expect(nextConditions({}, SEEN['.'] as NodeObservation, MINUTE, 0)).toEqual({});
});
