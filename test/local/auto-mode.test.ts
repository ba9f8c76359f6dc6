import { expect, test } from 'vitest';
import { CLUSTER_NAME, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import { dashboardBody } from '../support/cni-dashboard-stack.ts';
import { linesOf } from '../support/dashboard-lines.ts';
import { dashboardSchema } from '../support/dashboard-schema.ts';

test('a cluster of EKS Auto Mode is healthy and has a dashboard with data', async () => {
  const cluster = await startEmbeddedCluster({
    nodes: 24,
    seed: 3,
    now: Date.UTC(2026, 10, 22, 14),
    sharedBy: CLUSTER_NAME,
    autoMode: true,
  });
  try {
    const invoke = await loadFunction(cluster, () => undefined);
    await invoke();
    cluster.fleet.advance(60_000);
    const report = await invoke();
    expect(report.warnings).toEqual([]);

    const published = new Set(report.metrics.map(({ name }) => name));
    const body = dashboardSchema.parse(dashboardBody(() => ({ hasPods: false })));
    const lines = linesOf(body).filter(({ namespace }) => namespace === 'Kubernetes');
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter(({ name }) => !published.has(name))).toEqual([]);

    // The nodes are told by tags, and their addresses are in the report alone.
    const held = cluster.fleet.nodes().map(({ pool }) => 1 + pool.total());
    const neighbors = cluster.fleet.neighbors().filter(({ isAttached }) => !isAttached);
    const nodes = report.addresses?.subnets.reduce((sum, row) => sum + row.nodes, 0);
    const left = neighbors.reduce((sum, { cidrs }) => sum + cidrs.length, 0);
    expect(nodes).toBe(held.reduce((sum, count) => sum + count, 0) + left);
    expect([...published].filter((name) => /^(assign|total|warm|node)/.test(name))).toEqual([]);

    const { healthy, steps } = await invoke({ diagnose: true });
    expect(healthy).toBe(true);
    expect(steps.find(({ name }) => name === 'addresses')?.seen).toContain(`nodes hold ${nodes} addresses`);
  } finally {
    await cluster.close();
  }
});
