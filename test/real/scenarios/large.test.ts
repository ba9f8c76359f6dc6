import { beforeAll, expect, test } from 'vitest';
import { startRealFunction } from '../function.ts';
import type { RealPod } from '../pods.ts';
import { ADDS, addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';

const COUNT = 1_200;

describeReal(`a cluster of ${COUNT} nodes`, (cluster) => {
  let pods: readonly RealPod[] = [];
  beforeAll(async () => {
    pods = await createReadablePods(cluster(), COUNT);
  });

  test('is read completely, and counted to the last event', async () => {
    const { ipamd } = cluster();
    await using lambda = await startRealFunction(cluster());
    await lambda.cycle();
    await addOne(cluster(), pods);
    await ipamd.add({ [pods.at(-1)?.ip ?? '']: { values: { [ADDS]: 5 } } });
    const { pods: coverage, metrics } = await lambda.cycle();
    expect(coverage).toMatchObject({ found: COUNT, read: COUNT, failed: 0 });
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'addReqCount', value: COUNT + 5 }));
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'totalIPAddresses', value: 12 * COUNT }));
  });
});
