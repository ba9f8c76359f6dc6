import { wholeCycles } from '../dashboard/cluster-metrics.ts';

/** How long a condition must hold before an alarm fires. */
export type Timing =
  /** So many minutes, looked at in windows of `window` minutes, each of which must breach. */
  | { readonly minutes: number; readonly window: number }
  /** `breaching` (all of them unless said) of the last `cycles` cycles of the collector. */
  | { readonly cycles: number; readonly breaching?: number };

/** The same in CloudWatch's words. */
export interface Evaluation {
  /** Length of one datapoint, in minutes. */
  readonly periodMinutes: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const LONGEST_MINUTES = 24 * 60;

/**
 * Every datapoint covers whole cycles: with a collector that runs every 4 minutes a window of 5 minutes becomes
 * one of 8, or every other window would hold twice the events of its neighbour.
 */
export const evaluationOf = (timing: Timing, intervalMinutes: number): Evaluation =>
  'cycles' in timing ? ofCycles(timing, intervalMinutes) : ofMinutes(timing, intervalMinutes);

/** What CloudWatch would refuse only at deployment. @throws Error */
export function checked(evaluation: Evaluation, alarm: string): Evaluation {
  const { periodMinutes, evaluationPeriods, datapointsToAlarm } = evaluation;
  if (periodMinutes * evaluationPeriods > LONGEST_MINUTES)
    throw new Error(
      `${alarm}: ${evaluationPeriods} x ${periodMinutes} min is longer than the day an alarm can see.`,
    );
  if (datapointsToAlarm > evaluationPeriods)
    throw new Error(`${alarm}: ${datapointsToAlarm} of ${evaluationPeriods} datapoints can never breach.`);
  return evaluation;
}

const ofCycles = (
  { cycles, breaching = cycles }: Extract<Timing, { cycles: number }>,
  intervalMinutes: number,
): Evaluation => ({
  periodMinutes: intervalMinutes,
  evaluationPeriods: cycles,
  datapointsToAlarm: breaching,
});

function ofMinutes(
  { minutes, window }: Extract<Timing, { minutes: number }>,
  intervalMinutes: number,
): Evaluation {
  const periodMinutes = wholeCycles(window, intervalMinutes);
  const evaluationPeriods = Math.ceil(minutes / periodMinutes);
  return { periodMinutes, evaluationPeriods, datapointsToAlarm: evaluationPeriods };
}
