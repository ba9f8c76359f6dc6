import type { MetricName } from '../lambda/contract.ts';

/** Published by every cycle that publishes at all, whether it reads pods or not. */
export const IN_EVERY_CYCLE: MetricName = 'collectDuration';

/** Whether a metric is missing from a cluster without aws-node pods (PODS=none). */
export const needsPods = (name: MetricName): boolean => !name.startsWith('subnet') && name !== IN_EVERY_CYCLE;
