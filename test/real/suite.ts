import { afterAll, beforeAll, describe } from 'vitest';
import { type RealCluster, startRealCluster } from './cluster.ts';
import { type Moto, startMoto } from './moto.ts';
import type { PartFiles } from './parts/find.ts';
import { MOTO_VARIABLE, PARTS_VARIABLE } from './variable.ts';

/** Scenarios on a real cluster of their own, which starts before the first and ends after the last of them. */
export function describeReal(name: string, define: (cluster: () => RealCluster) => void): void {
  describeWith(name, PARTS_VARIABLE, (parts) => startRealCluster(JSON.parse(parts) as PartFiles), define);
}

/** Scenarios on an emulated AWS account of their own, in the same way. */
export function describeEmulated(name: string, define: (moto: () => Moto) => void): void {
  describeWith(name, MOTO_VARIABLE, startMoto, define);
}

/** @param start gets the value of the variable, without which the scenarios are skipped */
function describeWith<Service extends { close(): Promise<void> }>(
  name: string,
  variable: string,
  start: (value: string) => Promise<Service>,
  define: (service: () => Service) => void,
): void {
  const value = process.env[variable];
  describe.skipIf(value === undefined)(name, () => {
    let service: Service | undefined;
    beforeAll(async () => {
      service = await start(value ?? '');
    });
    afterAll(() => service?.close());
    define(() => {
      if (!service) throw new Error(`${name}: what it needs has not started`);
      return service;
    });
  });
}
