import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { startRealFunction } from '../function.ts';
import { NETWORKS } from '../network.ts';
import { createPod, type RealPod } from '../pods.ts';
import { addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';

const PODS = 300;
/** So few at a time that the restart comes before the end. */
const FEW = { SCRAPE_CONCURRENCY: '4' };

describeReal('a cycle', (cluster) => {
  let pods: readonly RealPod[] = [];
  beforeAll(async () => {
    pods = await createReadablePods(cluster(), PODS);
  });

  test.each([3_000, 15_000])('reads every pod although the API server is away for %i ms', async (awayMs) => {
    const { apiServer, ipamd } = cluster();
    await using lambda = await startRealFunction(cluster(), { environment: FEW });
    await lambda.cycle();
    await addOne(cluster(), pods);
    const before = await ipamd.scrapes();
    const cycle = lambda.cycle();
    await expect.poll(() => ipamd.scrapes(), { interval: 5, timeout: 10_000 }).toBeGreaterThan(before);
    await apiServer.stop();
    const read = (await ipamd.scrapes()) - before;
    await setTimeout(awayMs);
    await apiServer.start();
    const report = await cycle;
    expect(read).toBeLessThan(PODS);
    expect(report.pods).toMatchObject({ found: PODS, read: PODS, failed: 0 });
    expect(report.metrics).toContainEqual(expect.objectContaining({ name: 'addReqCount', value: PODS }));
  });
});

describeReal('a cluster whose nodes let nobody in', (cluster) => {
  test('ends a cycle before every pod was attempted, and names the cause', async () => {
    for (let number = 1; number <= 250; number += 1)
      await createPod(cluster().admin, {
        name: `aws-node-${number}`,
        ip: `${NETWORKS.dropped}.0.${number}`,
        node: `node-${number}`,
      });
    await using lambda = await startRealFunction(cluster(), { environment: FEW });
    await expect(lambda.cycle()).rejects.toMatchObject({
      code: 'no-pods-read',
      message: expect.stringMatching(/^(?=.*scrape-timeout on \d+ pods)(?=.*not-attempted on \d+ pods)/s),
      remedy: expect.stringContaining('Allow tcp/61678'),
    });
    const { steps } = await lambda.diagnose();
    // After the 30 s for which the API server dials.
    expect(steps.find(({ name }) => name === 'scrape-all')).toMatchObject({
      cause: expect.stringMatching(/^port-unreachable: /),
      seen: expect.stringMatching(/aws-node-\d+ after 3\d\.\d s: .*i\/o timeout/),
    });
  });
});
