import { afterAll, beforeAll, describe } from 'vitest';
import { type RealCluster, startRealCluster } from './cluster.ts';
import type { PartFiles } from './parts/find.ts';
import { PARTS_VARIABLE } from './variable.ts';

/** Scenarios on a real cluster of their own, which starts before the first and ends after the last of them. */
export function describeReal(name: string, define: (cluster: () => RealCluster) => void): void {
  const variable = process.env[PARTS_VARIABLE];
  describe.skipIf(variable === undefined)(name, () => {
    let cluster: RealCluster | undefined;
    beforeAll(async () => {
      const parts: PartFiles = JSON.parse(variable ?? '{}');
      cluster = await startRealCluster(parts);
    });
    afterAll(() => cluster?.close());
    define(() => {
      if (!cluster) throw new Error('the cluster has not started');
      return cluster;
    });
  });
}
