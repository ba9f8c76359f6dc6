import type { MetricName } from '../../lambda/contract.ts';
import { RATIOS } from '../dashboard/cluster-metrics.ts';
import { needsPods } from '../without-pods.ts';
import { ALARM_IDS, ALARMS, type AlarmDefinition, type AlarmId } from './definitions.ts';
import type { EvaluationChange } from './timing.ts';

/** `false` removes an alarm, `true` adds one that is off by default, an object changes one. */
type AlarmOverride = boolean | AlarmChange;

interface AlarmChange extends EvaluationChange {
  /** In the unit of what the alarm watches. @default - that of the definition */
  readonly threshold?: number;
}

export type AlarmOverrides = Readonly<Partial<Record<AlarmId, AlarmOverride | undefined>>>;

/** What an alarm can watch and a deployment can lack. */
type Need = NonNullable<AlarmDefinition['needs']> | 'pods';

/** What decides which alarms exist. */
interface AlarmSelection {
  readonly overrides?: AlarmOverrides | undefined;
  readonly has: Readonly<Record<Need, boolean>>;
}

/** What a deployment lacks that has an alarm which is off otherwise. */
const WITHOUT = { 'with-pods': 'pods', 'with-subnet-metrics': 'subnetMetrics' } as const;

/** The alarms that a deployment creates. */
export const alarmsIn = (selection: AlarmSelection): AlarmId[] =>
  ALARM_IDS.filter((id) => {
    const { off }: AlarmDefinition = ALARMS[id];
    const isOn = off === undefined || (off !== true && !selection.has[WITHOUT[off]]);
    const override = selection.overrides?.[id];
    return missingNeed(id, selection) === undefined && (override === undefined ? isOn : override !== false);
  });

/** What an alarm watches and the deployment does not have. */
export function missingNeed(id: AlarmId, { has }: AlarmSelection): Need | undefined {
  const { needs, signal }: AlarmDefinition = ALARMS[id];
  if (needs && !has[needs]) return needs;
  return !has.pods && metricsOf(signal).some(needsPods) ? 'pods' : undefined;
}

/** Metrics of the cluster without which the alarm has nothing to watch. */
function metricsOf(signal: AlarmDefinition['signal']): readonly MetricName[] {
  if ('metric' in signal) return [signal.metric];
  if ('math' in signal) return Object.values(signal.of).map(({ metric }) => metric);
  return 'ratio' in signal ? Object.values(RATIOS[signal.ratio].of) : [];
}

export const changeOf = (override: AlarmOverride | undefined): AlarmChange =>
  typeof override === 'object' ? override : {};
