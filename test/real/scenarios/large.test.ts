import { beforeAll, describe, expect, test } from 'vitest';
import { startRealFunction } from '../function.ts';
import type { RealPod } from '../pods.ts';
import { ADDS, addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';

/** The second is more than one page of the list. */
describe.each([1_200, 5_200])('a cluster of %i nodes', (count) => {
  describeReal('on a real control plane', (cluster) => {
    let pods: readonly RealPod[] = [];
    beforeAll(async () => {
      pods = await createReadablePods(cluster(), count);
    });

    test('is read completely, and counted to the last event', async () => {
      const { ipamd } = cluster();
      await using lambda = await startRealFunction(cluster());
      await lambda.cycle();
      await addOne(cluster(), pods);
      await ipamd.add({ [pods.at(-1)?.ip ?? '']: { values: { [ADDS]: 5 } } });
      const { pods: coverage, metrics } = await lambda.cycle();
      expect(coverage).toMatchObject({ found: count, read: count, failed: 0 });
      expect(metrics).toContainEqual(expect.objectContaining({ name: 'addReqCount', value: count + 5 }));
      expect(metrics).toContainEqual(
        expect.objectContaining({ name: 'totalIPAddresses', value: 12 * count }),
      );
    });
  });
});
