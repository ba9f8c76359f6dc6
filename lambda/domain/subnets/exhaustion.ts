import { SUBNET_HOURS } from '../catalog.ts';
import { type Metric, metricOf } from '../metric.ts';
import type { Subnet } from './subnet.ts';

/** Free addresses of one subnet over the last days, as far as the time to exhaustion needs them. */
export interface SubnetHistory {
  /** The fewest free addresses of each hour, oldest first; hours without a reading are absent. */
  readonly hours: readonly HourlyLow[];
  /** The fewest free addresses of each day, oldest first. */
  readonly days: readonly DailyLow[];
  /** The readings of the last TREND_MS and of the hour before, oldest first. */
  readonly recent: readonly FreeAddresses[];
  /** While the last TREND_MS fall steadily: the fewest free addresses of the days before the fall. */
  readonly before?: number;
}

interface HourlyLow {
  /** Hours since the epoch. */
  readonly hour: number;
  readonly lowest: number;
}

interface DailyLow {
  /** Days since the epoch. */
  readonly day: number;
  readonly lowest: number;
}

interface FreeAddresses {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly free: number;
}

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/**
 * A slow fall shows in each of so many hours against the same hour of the day before. A single step, such as a
 * deployment or a new node group, shows in 24 of them and no more.
 */
const AGREEING_HOURS = 26;
/** A fast fall shows in each third of this time. */
const TREND_MS = 15 * MINUTE_MS;
const THIRDS = 3;
/** In a steady fall each part is at least this share of the typical one. A step among noise is not steady. */
const STEADY = 0.5;
/** So is a fall that has begun, even where nodes give addresses back meanwhile. */
const GOING_ON = 0.1;
/** A fast fall is below the range of the days before by at least this share of what is left. */
const BEYOND_RANGE = 0.1;
/** A week and a day: the first day of a working week is compared with that of the week before. */
const RANGE_DAYS = 8;
/** Hours of the last day that must be known before anything is said. */
const KNOWN_HOURS = 20;
/** A month. What lies farther ahead is not a concern of today. */
export const MAX_HOURS = 720;

/** More readings than the hour and a quarter has minutes. */
export const MAX_RECENT = 200;
/** Ticks closer together are sent by hand, by anyone who may invoke the function: they must not push the start of the trend out. */
const RECENT_SPACING_MS = (HOUR_MS + TREND_MS) / (MAX_RECENT - 2);
/** A VPC has 200 subnets, unless the quota is raised: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const MAX_HISTORIES = 1_000;

type Histories = ReadonlyMap<string, SubnetHistory>;

/**
 * The histories by id with what one cycle read. Where it read nothing they stay as they were.
 * @param time the tick of the cycle, epoch milliseconds
 */
export function withSubnets(
  histories: Histories = new Map(),
  subnets: readonly Subnet[],
  time: number,
): Histories {
  const ipv4 = subnets.filter(({ prefix }) => prefix !== undefined).slice(0, MAX_HISTORIES);
  if (ipv4.length === 0) return histories;
  return new Map(
    ipv4.map(({ id, available }) => [id, withReading(histories.get(id), { time, free: available })]),
  );
}

/** Of the subnet that is exhausted first; left out where no history is long enough. */
export function exhaustionMetrics(histories: Histories): Metric[] {
  const hours = [...histories.values()].flatMap((history) => hoursToExhaustion(history) ?? []);
  if (hours.length === 0) return [];
  return [metricOf(SUBNET_HOURS, Math.min(...hours))];
}

/** The history with one more reading. Readings come in the order of their times. */
export function withReading(
  { hours, days, recent, before }: SubnetHistory = { hours: [], days: [], recent: [] },
  reading: FreeAddresses,
): SubnetHistory {
  const hour = Math.floor(reading.time / HOUR_MS);
  const day = Math.floor(hour / 24);
  const lowest = (known: number | undefined) => Math.min(known ?? reading.free, reading.free);
  const next = {
    hours: [
      ...hours.filter((low) => low.hour !== hour && low.hour >= hour - 24 - AGREEING_HOURS),
      { hour, lowest: lowest(hours.find((low) => low.hour === hour)?.lowest) },
    ],
    days: [
      ...days.filter((low) => low.day !== day && low.day >= day - RANGE_DAYS),
      { day, lowest: lowest(days.find((low) => low.day === day)?.lowest) },
    ],
    // With the hour before the window: its lows are of a step that came just before.
    recent: [...spaced(recent.filter(({ time }) => time > reading.time - TREND_MS - HOUR_MS)), reading].slice(
      -MAX_RECENT,
    ),
  };
  // Once a fall has begun its own hours are no measure of it.
  const lowestBefore = before ?? lowestBeforeTrend(next, reading);
  return steadyFall(next.recent, reading, before === undefined ? STEADY : GOING_ON) > 0 &&
    Number.isFinite(lowestBefore)
    ? { ...next, before: lowestBefore }
    : next;
}

/** Without the last reading if it came too soon after the one before it. */
function spaced(recent: readonly FreeAddresses[]): readonly FreeAddresses[] {
  const [before, last] = recent.slice(-2);
  return before && last && last.time - before.time < RECENT_SPACING_MS ? recent.slice(0, -1) : recent;
}

/**
 * Hours until a subnet has no free address if it goes on as it does, MAX_HOURS at the most.
 * @returns undefined without a day of history
 */
export function hoursToExhaustion(history: SubnetHistory): number | undefined {
  const now = history.recent.at(-1);
  if (!now) return undefined;
  if (now.free === 0) return 0;
  const lastDay = hoursBefore(history, now, 24);
  if (lastDay.length < KNOWN_HOURS) return undefined;
  return Math.min(slowFall(history, now), fastFall(history, now), MAX_HOURS);
}

/** By the fall of each hour against the same hour of the day before. */
function slowFall(history: SubnetHistory, now: FreeAddresses): number {
  const lows = new Map(history.hours.map(({ hour, lowest }) => [hour, lowest]));
  const falls = hoursBefore(history, now, AGREEING_HOURS).flatMap(({ hour, lowest }) => {
    const dayBefore = lows.get(hour - 24);
    return dayBefore === undefined ? [] : [dayBefore - lowest];
  });
  if (falls.length < AGREEING_HOURS) return Number.POSITIVE_INFINITY;
  const sorted = falls.toSorted((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? 0;
  if (middle <= 0 || (sorted[0] ?? 0) < STEADY * middle) return Number.POSITIVE_INFINITY;
  const lowest = Math.min(...hoursBefore(history, now, 24).map((low) => low.lowest));
  return lowest / (middle / 24);
}

/** By the fall of the last minutes, once it is below everything that the days before have seen. */
function fastFall({ recent, before = Number.NaN }: SubnetHistory, now: FreeAddresses): number {
  if (!(before - now.free >= BEYOND_RANGE * now.free)) return Number.POSITIVE_INFINITY;
  return now.free / (steadyFall(recent, now, GOING_ON) / (TREND_MS / HOUR_MS));
}

/**
 * By how much free addresses fell in the last TREND_MS; 0 where they did not fall steadily.
 * @param least share of the typical fall by which they fall in each part
 */
function steadyFall(recent: readonly FreeAddresses[], now: FreeAddresses, least: number): number {
  const marks = Array.from({ length: THIRDS + 1 }, (_, third) =>
    freeAt(recent, now.time - TREND_MS + (third * TREND_MS) / THIRDS),
  );
  const [start = Number.NaN] = marks;
  const fall = start - now.free;
  const isSteady = marks
    .slice(1)
    .every((mark, index) => (marks[index] ?? Number.NaN) - mark >= (least * fall) / THIRDS);
  return isSteady && fall > 0 ? fall : 0;
}

function lowestBeforeTrend({ hours, days, recent }: SubnetHistory, now: FreeAddresses): number {
  const trendHour = Math.floor((now.time - TREND_MS) / HOUR_MS);
  const today = Math.floor(trendHour / 24);
  const range = [
    ...hours.filter(({ hour }) => hour < trendHour && hour > trendHour - 24),
    ...days.filter(({ day }) => day < today),
  ];
  const justBefore = recent.filter(({ time }) => time <= now.time - TREND_MS);
  if (range.length === 0) return Number.POSITIVE_INFINITY;
  return Math.min(...range.map((low) => low.lowest), ...justBefore.map(({ free }) => free));
}

/** Free addresses as the last reading up to then has them; NaN where there is none. */
const freeAt = (recent: readonly FreeAddresses[], time: number): number =>
  recent.findLast((reading) => reading.time <= time)?.free ?? Number.NaN;

/** The hours up to and including that of `now`. */
function hoursBefore({ hours }: SubnetHistory, now: FreeAddresses, count: number): readonly HourlyLow[] {
  const last = Math.floor(now.time / HOUR_MS);
  return hours.filter(({ hour }) => hour > last - count);
}
