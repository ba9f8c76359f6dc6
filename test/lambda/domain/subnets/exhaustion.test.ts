import { describe, expect, test } from 'vitest';
import {
  hoursToExhaustion,
  MAX_HOURS,
  type SubnetHistory,
  withReading,
  withSubnets,
} from '../../../../lambda/domain/subnets/exhaustion.ts';

const MINUTE = 60_000;
const HOURS = 60;
const DAYS = 24 * HOURS;
const START = Date.UTC(2026, 10, 2);

/** Free addresses by minute; whole and never below 0. */
type Course = (minute: number) => number;

/** The time to exhaustion after each minute of a course. */
function told(course: Course, minutes: number, periodMinutes = 1): (number | undefined)[] {
  let history: SubnetHistory | undefined;
  const hours: (number | undefined)[] = [];
  for (let minute = 0; minute < minutes; minute += periodMinutes) {
    const free = Math.max(0, Math.round(course(minute)));
    history = withReading(history, { time: START + minute * MINUTE, free });
    hours.push(hoursToExhaustion(history));
  }
  return hours;
}

/** Pods follow the day: three times as many at noon as at midnight. */
const swing = (minute: number) => -800 * Math.sin((2 * Math.PI * (minute - 6 * HOURS)) / DAYS);
/** Pods come and go: the same noise in every run. */
const noise = (minute: number) => 12 * Math.sin(minute * 1.7) + 9 * Math.sin(minute * 0.31);

describe.each([1, 5])('a reading every %i min', (period) => {
  const minimum = (course: Course, minutes: number, from = 0) =>
    Math.min(
      ...told(course, minutes, period)
        .slice(from / period)
        .map((hours) => hours ?? MAX_HOURS),
    );

  test('nothing is known in the first day', () => {
    expect(told(() => 500, 19 * HOURS, period).every((hours) => hours === undefined)).toBe(true);
    expect(told(() => 500, DAYS + HOURS, period).at(-1)).toBe(MAX_HOURS);
  });

  test('an empty subnet has no time left, whatever is known', () => {
    expect(told(() => 0, 1, period)).toEqual([0]);
  });

  test.each<{ what: string; course: Course }>([
    { what: 'a daily swing', course: (m) => 2_000 + swing(m) + noise(m) },
    {
      what: 'a deployment that doubles its pods for half an hour',
      course: (m) => 2_000 + swing(m) + noise(m) - (m % DAYS > 600 && m % DAYS < 630 ? 600 : 0),
    },
    {
      what: 'a scale-out that stops after five minutes',
      course: (m) => 3_000 + noise(m) - 2_000 * Math.min(1, Math.max(0, (m - 10 * DAYS) / 5)),
    },
    {
      what: 'a step down that stays',
      course: (m) => 1_000 + swing(m) / 4 + noise(m) - (m > 10 * DAYS + 100 ? 700 : 0),
    },
    {
      what: 'a working week after a quiet Sunday',
      course: (m) =>
        2_000 + (m % (7 * DAYS) > DAYS ? 0.9 : 0.3) * swing(m) - (m % (7 * DAYS) > DAYS ? 500 : 0) + noise(m),
    },
  ])('$what is quiet', ({ course }) => {
    expect(minimum(course, 15 * DAYS, 8 * DAYS)).toBeGreaterThan(24);
  });

  test('a slow leak under a daily swing of the same slope is known days ahead', () => {
    const leak: Course = (m) => 4_000 + swing(m) + noise(m) - m * (20 / HOURS);
    const hours = told(leak, 5 * DAYS, period);
    const day4 = hours[(4 * DAYS) / period] ?? Number.NaN;
    // The lowest point of the day is 3,200 - 20 an hour.
    expect(day4).toBeGreaterThan(50);
    expect(day4).toBeLessThan(90);
  });

  test('a subnet that empties in hours is known with the time that is left', () => {
    const onset = 3 * DAYS;
    const course: Course = (m) => 2_000 + noise(m) / 4 - Math.max(0, m - onset) * 6;
    const hours = told(course, onset + 300, period);
    const minutesAfter = (limit: number) =>
      hours.findIndex((left, index) => index * period >= onset && left !== undefined && left < limit) *
        period -
      onset;
    expect(minutesAfter(24)).toBeLessThan(90);
    // It is empty 333 minutes after the onset: two hours before that is minute 213.
    expect(Math.abs(minutesAfter(2) - 213)).toBeLessThan(30);
  });

  test('a fall that goes on is known all the time, through the turn of each hour', () => {
    const onset = 3 * DAYS + 40;
    const course: Course = (m) => 2_000 - Math.max(0, m - onset) * 6;
    const hours = told(course, onset + 320, period).slice((onset + 60) / period);
    expect(hours.filter((left) => left === undefined || left > 6)).toEqual([]);
  });

  test('another cluster that takes half of the subnet and stops shows at most for a while', () => {
    const course: Course = (m) => 4_000 + noise(m) - 1_800 * Math.min(1, Math.max(0, (m - 3 * DAYS) / 120));
    const hours = told(course, 5 * DAYS, period).map((left) => left ?? MAX_HOURS);
    expect(hours.filter((left) => left < 24).length * period).toBeLessThan(150);
    expect(Math.min(...hours)).toBeGreaterThan(2);
    expect(hours.at(-1)).toBe(MAX_HOURS);
  });
});

test.each([2, 4, 10])('readings every %i s by hand do not hide a fall', (seconds) => {
  const onset = 2 * DAYS + 12 * HOURS;
  const course: Course = (m) => 2_000 - Math.max(0, m - onset) * 20;
  const byHand: Course = (m) => Math.round(course(Math.floor(m)));
  let history: SubnetHistory | undefined;
  for (let minute = 0; minute < onset; minute += 1)
    history = withReading(history, { time: START + minute * MINUTE, free: byHand(minute) });
  for (let second = 0; second < 80 * 60; second += seconds)
    history = withReading(history, {
      time: START + onset * MINUTE + second * 1_000,
      free: byHand(onset + second / 60),
    });
  expect(hoursToExhaustion(history ?? { hours: [], days: [], recent: [] })).toBeLessThan(0.5);
  expect(history?.recent.length).toBeLessThanOrEqual(200);
});

test('the history stays small', () => {
  let history: SubnetHistory | undefined;
  for (let minute = 0; minute < 7 * DAYS; minute += 1)
    history = withReading(history, { time: START + minute * MINUTE, free: 100 });
  expect(history?.hours.length).toBeLessThanOrEqual(51);
  expect(history?.recent.length).toBeLessThanOrEqual(76);
});

test('tags may name any number of subnets, but no more are kept than are read again', () => {
  const subnets = Array.from({ length: 1_001 }, (_, n) => ({
    id: `subnet-${n}`,
    vpcId: 'vpc-1',
    prefix: 24,
    available: 9,
    tags: new Map(),
  }));
  expect(withSubnets(undefined, subnets, START).size).toBe(1_000);
});

test('hours without a reading are unknown, not 0', () => {
  let history: SubnetHistory | undefined;
  for (let minute = 0; minute < 4 * DAYS; minute += 1)
    if (minute % DAYS > 5 * HOURS)
      history = withReading(history, { time: START + minute * MINUTE, free: 5_000 - minute / 3 });
  expect(hoursToExhaustion(history ?? { hours: [], days: [], recent: [] })).toBeUndefined();
});
