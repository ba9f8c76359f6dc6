import { type AddressReport, addressReport } from '../collect/address-report.ts';
import type { HoldingsCache, HoldingsInput } from '../collect/ports.ts';
import type { Deadline } from '../deadline.ts';
import { failed, notNeeded, ok, type StepResult } from './step-result.ts';

/**
 * Reads the network interfaces of the subnets as a cycle does every 15 minutes.
 * @param holdings undefined: SUBNET_METRICS is off
 * @param now epoch milliseconds
 */
export async function readAddresses(
  holdings: Pick<HoldingsCache, 'read'> | undefined,
  seen: HoldingsInput,
  now: number,
  deadline: Deadline,
): Promise<StepResult<AddressReport | undefined>> {
  if (!holdings) return notNeeded('SUBNET_METRICS is off', undefined);
  const answer = await holdings.read(seen, now, deadline);
  if ('warning' in answer) return failed('holders-unknown', answer.warning);
  const report = addressReport(answer.found, now);
  const doubt = seen.podAddresses.length === 0 ? '; no pod is known, so tags alone tell the nodes' : '';
  return ok(summary(report) + doubt, report);
}

function summary({ subnets, unknown = [] }: AddressReport): string {
  const total = (count: (row: (typeof subnets)[number]) => number) =>
    subnets.reduce((sum, row) => sum + count(row), 0);
  const others = total(({ clusters, others }) =>
    [...Object.values(clusters), ...Object.values(others)].reduce((sum, count) => sum + count, 0),
  );
  return [
    `${subnets.length} subnets: nodes hold ${total(({ nodes }) => nodes)} addresses, others ${others}`,
    `${total(({ leaked }) => leaked)} are leaked, ${total(({ free }) => free)} are free`,
    ...(unknown.length > 0 ? [`of ${unknown.length} more subnets it is not known`] : []),
  ].join('; ');
}
