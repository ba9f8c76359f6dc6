import { wholeCycles } from '../dashboard/cluster-metrics.ts';

/** How long a condition must hold before an alarm fires. */
export type Timing =
  /**
   * So many minutes, looked at in windows of `window` minutes, each of which must breach; on for `holds` more minutes
   * (0 unless given) after the last of them, so that a condition that comes and goes sends one message.
   */
  | { readonly minutes: number; readonly window: number; readonly holds?: number }
  /** `breaching` (all of them unless said) of the last `cycles` cycles of the collector. */
  | { readonly cycles: number; readonly breaching?: number };

/** The same in CloudWatch's terms. */
interface Evaluation {
  /** Length of one datapoint, in minutes. */
  readonly periodMinutes: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MAX_MINUTES = 24 * 60;

/** What may be changed of an alarm's evaluation. */
export interface EvaluationChange {
  /** Datapoints to look at. @default - as the timing needs */
  readonly evaluationPeriods?: number;
  /** Datapoints of these that must breach. @default - as the timing, or all of `evaluationPeriods` */
  readonly datapointsToAlarm?: number;
}

/**
 * Every datapoint covers whole cycles: with a collector that runs every 4 minutes a window of 5 minutes becomes
 * one of 8. Otherwise every second window would hold twice the events of the next.
 */
export function evaluationOf(
  timing: Timing,
  intervalMinutes: number,
  { evaluationPeriods, datapointsToAlarm }: EvaluationChange = {},
): Evaluation {
  const usual = 'cycles' in timing ? ofCycles(timing, intervalMinutes) : ofMinutes(timing, intervalMinutes);
  return {
    periodMinutes: usual.periodMinutes,
    evaluationPeriods: evaluationPeriods ?? usual.evaluationPeriods,
    datapointsToAlarm: datapointsToAlarm ?? evaluationPeriods ?? usual.datapointsToAlarm,
  };
}

/** What CloudWatch would refuse only at deployment. */
export function evaluationFault(evaluation: Evaluation): string | undefined {
  const { periodMinutes, evaluationPeriods, datapointsToAlarm } = evaluation;
  if (periodMinutes * evaluationPeriods > MAX_MINUTES)
    return `${evaluationPeriods} x ${periodMinutes} min is longer than a day, the most that an alarm evaluates`;
  if (datapointsToAlarm > evaluationPeriods)
    return `${datapointsToAlarm} of ${evaluationPeriods} datapoints can never breach`;
  return undefined;
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
  { minutes, window, holds = 0 }: Extract<Timing, { minutes: number }>,
  intervalMinutes: number,
): Evaluation {
  const periodMinutes = wholeCycles(window, intervalMinutes);
  const datapointsToAlarm = Math.ceil(minutes / periodMinutes);
  return {
    periodMinutes,
    evaluationPeriods: datapointsToAlarm + Math.ceil(holds / periodMinutes),
    datapointsToAlarm,
  };
}
