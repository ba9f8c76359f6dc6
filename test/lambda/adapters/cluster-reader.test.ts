import { describe } from 'vitest';
import { apiClient } from '../../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../../lambda/adapters/api-server/cluster-reader.ts';
import { nodeMetrics } from '../../../lambda/adapters/node/node-metrics.ts';
import { SYSTEM_CLOCK } from '../../../lambda/adapters/system-clock.ts';
import { SCRAPE_WAYS } from '../../../lambda/contract.ts';
import { LOOPBACK_NODES } from '../../../local/loopback-nodes.ts';
import { startTestCluster } from '../../support/api-server.ts';
import { describeClusterReader } from '../../support/cluster-reader-contract.ts';

describe.each(SCRAPE_WAYS)('via %s', (way) => {
  describeClusterReader(way, async () => {
    const direct = way === 'node';
    const cluster = await startTestCluster({ direct });
    const { authorization } = cluster;
    const credentials = {
      kind: 'bearer' as const,
      authorization: async () => authorization,
      renew: async () => authorization,
    };
    const endpoint = { url: new URL(cluster.server.endpoint), ca: cluster.ca };
    const api = clusterReader(apiClient({ endpoint, credentials, clock: SYSTEM_CLOCK }), SYSTEM_CLOCK);
    return {
      cluster,
      reader: { ...api, ...(direct && nodeMetrics([LOOPBACK_NODES])) },
      async close() {
        api.close();
        await cluster.server.close();
      },
    };
  });
});
