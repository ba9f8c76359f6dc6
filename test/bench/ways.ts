import { SCRAPE_WAYS, type ScrapeWay } from '../../lambda/contract.ts';
import type { ServerOptions } from './protocol.ts';
import { type Measurement, measureRow, type Placement, type Row } from './rows.ts';

const ROUNDS = 3;

/** Figures of which the least of the rounds counts: what else the machine does only adds to them. */
const LEAST = [
  'wallMs',
  'cpuMs',
  'cpuPerPodUs',
  'peakRssMb',
  'listMs',
  'importMs',
  'coldWallMs',
  'coldWithStateMs',
  'serverCpuMs',
] as const satisfies readonly (keyof Row)[];

/** A row for each way of reading, measured in turn. */
export async function measureWays(
  options: Omit<ServerOptions, 'via'>,
  measurement: Measurement,
  placement: Placement,
): Promise<readonly Row[]> {
  const best = new Map<ScrapeWay, Row>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const via of SCRAPE_WAYS) {
      const row = await measureRow({ ...options, via }, measurement, placement);
      const before = best.get(via) ?? row;
      const least = Object.fromEntries(LEAST.map((key) => [key, Math.min(before[key], row[key])]));
      best.set(via, { ...row, ...least });
    }
  }
  return [...best.values()];
}
