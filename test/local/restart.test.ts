import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import { startRestartingProxy } from '../support/restarting-network.ts';

const NODES = 200;

let cluster: EmbeddedCluster;
beforeEach(async () => {
  vi.stubEnv('AWS_REGION', '');
  cluster = await startEmbeddedCluster({ nodes: NODES, seed: 7, now: Date.UTC(2026, 10, 22, 14) });
});
afterEach(() => cluster.close());

test.each([
  { awayMs: 3_000, forbidsMs: 0 },
  { awayMs: 15_000, forbidsMs: 0 },
  { awayMs: 3_000, forbidsMs: 5_000 },
  { awayMs: 15_000, forbidsMs: 5_000 },
])(
  'an API server that is away for $awayMs ms in the middle of a scrape, then forbids everything for $forbidsMs ms: every pod is read',
  async ({ awayMs, forbidsMs }) => {
    const port = Number(new URL(cluster.apiServer.endpoint).port);
    const { faults } = cluster.apiServer;
    const way = await startRestartingProxy(port, {
      afterBytes: 200_000,
      awayMs,
      onBack() {
        faults.unsynced = true;
        way.clock.wait(forbidsMs).then(() => {
          faults.unsynced = false;
        });
      },
    });
    const environment = { ...cluster.environment, CLUSTER_ENDPOINT: way.endpoint };
    const invoke = await loadFunction({ ...cluster, environment }, () => undefined, way.clock);
    const report = await invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
    expect(way.restarted()).toBe(true);
    expect(report.pods).toMatchObject({ found: NODES, read: NODES, failed: 0 });
    expect(report.durationsMs.scrape).toBeGreaterThanOrEqual(awayMs + forbidsMs);
  },
);
