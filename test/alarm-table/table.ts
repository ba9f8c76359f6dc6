import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALARM_IDS, ALARMS, type AlarmDefinition, type AlarmId } from '../../infra/alarms/definitions.ts';
import { simulateAlarms } from '../support/alarm-simulation.ts';
import { healthyDay, KIND_NAMES, type Kind } from './healthy-days.ts';
import { INCIDENTS, type Incident, ONSET, simulationOf } from './incidents.ts';

export const SIZES = [2, 30, 300, 1_000, 3_000] as const;
export const INTERVALS = [1, 5] as const;
export type Interval = (typeof INTERVALS)[number];

/** What `npm run alarms` has measured, by number of nodes. */
export type Table = Readonly<Record<string, SizeRows>>;

export interface SizeRows {
  /** Healthy days that were simulated. */
  readonly days: number;
  /** Those in which an alarm went on. */
  readonly falseAlarms: readonly HealthyDay[];
  readonly incidents: readonly IncidentRow[];
}

export interface HealthyDay {
  readonly kind: Kind;
  readonly seed: number;
  /** How many times each alarm went on. */
  readonly alarms: Readonly<Partial<Record<AlarmId, number>>>;
}

export interface IncidentRow {
  readonly what: string;
  readonly interval: Interval;
  /** Minutes from the onset to the end of the minute in which CloudWatch sees the alarm on. */
  readonly minutes: Readonly<Partial<Record<AlarmId, number>>>;
  /** That an alarm is on, of all alarms together. */
  readonly messages: number;
}

export const TABLE_FILE = join(import.meta.dirname, 'table.json');

/** @throws Error where the file is not there or no JSON */
export const readTable = (): Table => JSON.parse(readFileSync(TABLE_FILE, 'utf8'));

export const kebab = (id: string) => id.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);

function byId<T>(fired: Readonly<Record<string, T>>, value: (of: T) => number) {
  return Object.fromEntries(
    ALARM_IDS.flatMap((id) => {
      const firing = fired[kebab(id)];
      return firing === undefined ? [] : [[id, value(firing)] as const];
    }),
  );
}

export const simulateDay = (kind: Kind, nodes: number, seed: number): HealthyDay => ({
  kind,
  seed,
  alarms: byId(simulateAlarms(healthyDay(kind, nodes, seed)), ({ times }) => times),
});

export function simulateIncident(incident: Incident, nodes: number, interval: Interval): IncidentRow {
  const fired = simulateAlarms(simulationOf(incident, nodes, interval));
  return {
    what: incident.what,
    interval,
    minutes: byId(fired, ({ first }) => first + 1 - ONSET),
    messages: Object.values(fired).reduce((sum, { times }) => sum + times, 0),
  };
}

/** Days of lower seeds were looked at while the alarms were made. */
const FIRST_SEED = 101;

/** The n-th healthy day: every kind in turn, then the next seed. */
export const dayAt = (index: number) => ({
  kind: KIND_NAMES[index % KIND_NAMES.length] ?? 'usual',
  seed: FIRST_SEED + Math.floor(index / KIND_NAMES.length),
});

/** Days in which an alarm went on, in all sizes. */
export const falseAlarmsOf = (table: Table, alarm: AlarmId): number =>
  Object.values(table).reduce(
    (sum, { falseAlarms }) => sum + falseAlarms.filter(({ alarms }) => alarms[alarm]).length,
    0,
  );

export const daysOf = (table: Table): number => Object.values(table).reduce((sum, { days }) => sum + days, 0);

/** What can be said with 95 % confidence: fewer than so many in 100 days, where `events` were seen in `days`. */
export function upperBound(events: number, days: number): number {
  let low = 0;
  let high = 10 + 4 * events;
  while (high - low > 1e-6) {
    const mean = (low + high) / 2;
    let term = Math.exp(-mean);
    let atMost = term;
    for (let count = 1; count <= events; count += 1) {
      term *= mean / count;
      atMost += term;
    }
    if (atMost > 0.05) low = mean;
    else high = mean;
  }
  return (100 * high) / days;
}

/**
 * Minutes that a message needs beyond those of the evaluator: the schedule starts a cycle up to 60 s late, the cycle takes
 * some seconds, and CloudWatch looks once a minute, all of which overlap; SNS adds seconds.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const DELIVERY_MINUTES = 1;

/** The most minutes that any size took for its own alarm, delivered; undefined where no incident is the alarm's own. */
export function slowest(table: Table, alarm: AlarmId, interval: Interval): number | undefined {
  const own = new Set(
    INCIDENTS.filter((incident) => incident.alarm === alarm && !incident.isGradual).map(({ what }) => what),
  );
  const minutes = Object.values(table).flatMap(({ incidents }) =>
    incidents.flatMap((row) =>
      row.interval === interval && own.has(row.what) ? [row.minutes[alarm] ?? Number.POSITIVE_INFINITY] : [],
    ),
  );
  return minutes.length === 0 ? undefined : Math.max(...minutes) + DELIVERY_MINUTES;
}

export const definitionOf = (id: AlarmId): AlarmDefinition => ALARMS[id];
