import { expect, test } from 'vitest';
import { expectedMetrics, inOrder, MAX_CPU_MS, startHostileCluster } from './hostile-cluster.ts';

// A node can create mirror pods itself, in any number and with the label of aws-node, and reports their status.

test.each([
  {
    what: '50 with a status of 1.4 MB, too many for a page of the list',
    count: 50,
    status: 'x'.repeat(1_400_000),
  },
  { what: '6,000, a page of their own', count: 6_000, status: 'Running' },
])('mirror pods of a node change no number and no warning: $what', async ({ count, status }) => {
  await using hostile = await startHostileCluster(12);
  const { mirrorPods, phases } = hostile.cluster.apiServer.faults;
  await hostile.nextCycle();
  await hostile.nextCycle();
  const first = hostile.moment();
  for (let index = 0; index < count; index += 1) mirrorPods.set(`a-${index}`, status);
  const { report, error, cpuMs } = await hostile.nextCycle();
  expect(error).toBeUndefined();
  expect(report?.warnings).toEqual([]);
  expect(inOrder(report?.metrics)).toEqual(expectedMetrics(first, hostile.moment(), '', undefined));
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);

  // Nor do those in another phase fail a diagnosis.
  for (const name of mirrorPods.keys()) phases.set(name, 'Pending');
  const { steps } = await hostile.diagnose();
  expect(steps.filter((step) => step.status === 'failed')).toEqual([]);
});
