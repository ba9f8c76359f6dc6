import { expect, test } from 'vitest';
import { expectedMetrics, inOrder, MAX_CPU_MS, startHostileCluster } from './hostile-cluster.ts';

// A node reports why its pod is not running, in up to 1.4 MB. Each character can take six bytes of the list, and one that
// is not Latin doubles the memory of the text.

test('eight nodes whose pods have the longest reason change no number and no warning', async () => {
  await using hostile = await startHostileCluster(12);
  const { apiServer, fleet } = hostile.cluster;
  await hostile.nextCycle();
  await hostile.nextCycle();
  const first = hostile.moment();
  const hostiles = fleet.nodes().slice(0, 8);
  for (const { pod } of hostiles) apiServer.faults.reasons.set(pod, `${'\u0001'.repeat(1_400_000)}\u2028`);
  const { report, error, cpuMs } = await hostile.nextCycle();
  expect(error).toBeUndefined();
  expect(report?.warnings).toEqual([]);
  expect(inOrder(report?.metrics)).toEqual(expectedMetrics(first, hostile.moment(), '', undefined));
  expect(cpuMs).toBeLessThan(hostiles.length * MAX_CPU_MS);
});
