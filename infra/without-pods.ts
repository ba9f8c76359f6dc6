import type { MetricName } from '../lambda/contract.ts';

/** Published by every cycle that publishes at all, whether it reads pods or not. */
export const IN_EVERY_CYCLE: MetricName = 'collectDuration';

/** Known only by the state, which a cluster without aws-node pods does not have. */
const HISTORY: MetricName = 'subnetHoursToExhaustion';

/** Whether a metric is missing from a cluster without aws-node pods (PODS=none). */
export const needsPods = (name: MetricName): boolean =>
  name === HISTORY || (!name.startsWith('subnet') && name !== IN_EVERY_CYCLE);
