import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import { startRestartingWay } from '../support/restarting-network.ts';

const NODES = 200;

let cluster: EmbeddedCluster;
beforeEach(async () => {
  vi.stubEnv('AWS_REGION', '');
  cluster = await startEmbeddedCluster({ nodes: NODES, seed: 7, now: Date.UTC(2026, 10, 22, 14) });
});
afterEach(async () => {
  await cluster.close();
  vi.unstubAllEnvs();
});

test.each([3_000, 15_000])(
  'an API server that restarts for %i ms in the middle of a scrape: every pod is read',
  async (awayMs) => {
    const port = Number(new URL(cluster.apiServer.endpoint).port);
    const way = await startRestartingWay(port, { afterBytes: 200_000, awayMs });
    const environment = { ...cluster.environment, CLUSTER_ENDPOINT: way.endpoint };
    const invoke = await loadFunction({ ...cluster, environment }, () => undefined, way.clock);
    const report = await invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
    expect(way.restarted()).toBe(true);
    expect(report.pods).toMatchObject({ found: NODES, read: NODES, failed: 0 });
    expect(report.durationsMs.scrape).toBeGreaterThanOrEqual(awayMs);
  },
);
