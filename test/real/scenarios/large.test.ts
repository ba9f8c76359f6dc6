import { beforeAll, describe, expect, test } from 'vitest';
import { SCRAPE_WAYS } from '../../../lambda/contract.ts';
import type { RealCluster } from '../cluster.ts';
import { startRealFunction } from '../function.ts';
import type { RealPod } from '../pods.ts';
import { ADDS, addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

const CYCLES = 3;

/** CPU time that the API server has spent. */
async function apiServerSeconds({ admin }: RealCluster): Promise<number> {
  const { text } = await admin.send('GET', '/metrics');
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

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

    test('costs the API server a list where the nodes are read directly', async () => {
      const spent = { 'api-server': 0, node: 0 };
      for (const via of SCRAPE_WAYS) {
        await using lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
        await lambda.cycle();
        const before = await apiServerSeconds(cluster());
        for (let cycle = 0; cycle < CYCLES; cycle += 1)
          expect(await lambda.cycle()).toMatchObject({ pods: { read: count, failed: 0 } });
        spent[via] = (await apiServerSeconds(cluster())) - before;
        console.info(
          `${count} nodes via ${via}: ${(spent[via] / CYCLES).toFixed(2)} s of API server CPU a cycle`,
        );
      }
      expect(spent.node).toBeLessThan(spent['api-server'] / 3);
    });
  });
});
