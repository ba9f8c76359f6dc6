import type { MetricHistory } from './metric-history.ts';
import { valueIn, type Watched } from './watched.ts';

/**
 * CloudWatch's rules for metric alarms, as far as they are documented:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One datapoint of an alarm: within the threshold, beyond it, or not there. */
export type Point = 'ok' | 'breaching' | 'missing';

interface Rules {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

/**
 * CloudWatch retrieves more datapoints than it needs, in case some are missing. How many is not documented, but
 * all documented examples have two.
 */
const EXTRA_POINTS = 2;

/** @param points of the whole evaluation range, oldest first */
export function nextState(points: readonly Point[], rules: Rules, previous: AlarmState): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rules;
  const real = points.filter((point) => point !== 'missing');
  // Missing points are used only as few times as possible: real ones from farther back come first.
  const used = real.slice(-evaluationPeriods);
  const filled = evaluationPeriods - used.length;
  const breaching =
    used.filter((point) => point === 'breaching').length + (treatMissingData === 'breaching' ? filled : 0);
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (filled === 0 || used.includes('ok') || treatMissingData === 'notBreaching') return 'OK';
  if (treatMissingData === 'ignore') return previous;
  // Only breaching points, or none: an alarm once the oldest is as old as the alarm asks, premature before that.
  const age = points.includes('breaching') ? points.length - points.indexOf('breaching') : 0;
  return age >= datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA';
}

export interface MetricAlarm extends Rules {
  readonly id: string;
  readonly watched: Watched;
  readonly periodMinutes: number;
  readonly comparison: string;
  readonly threshold: number;
}

/** The datapoints of an alarm by the minute in which their period begins. */
export type KnownPoints = Map<number, Point>;

/**
 * The alarm's state at the end of minute `now` - 1. Periods slide: they end now, whatever the clock says.
 * @param known what earlier calls for the same alarm and history have found, and this one adds to
 * @throws Error on a statistic or comparison that this evaluator does not know
 */
export function stateAt(
  alarm: MetricAlarm,
  history: MetricHistory,
  now: number,
  previous: AlarmState,
  known: KnownPoints = new Map(),
): AlarmState {
  const points: Point[] = [];
  for (let back = alarm.evaluationPeriods + EXTRA_POINTS; back > 0; back -= 1) {
    const from = now - back * alarm.periodMinutes;
    const point = known.get(from) ?? pointFrom(alarm, history, from);
    known.set(from, point);
    points.push(point);
  }
  return nextState(points, alarm, previous);
}

function pointFrom(alarm: MetricAlarm, history: MetricHistory, from: number): Point {
  const value = valueIn(alarm.watched, history, from, from + alarm.periodMinutes);
  if (value === undefined) return 'missing';
  return breaches(alarm, value) ? 'breaching' : 'ok';
}

function breaches({ comparison, threshold }: MetricAlarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      throw new Error(`The evaluator does not know the comparison ${comparison}`);
  }
}
