import type { ClusterApi } from '../../ports.ts';
import { apiClient } from './client.ts';
import type { Connection } from './connection.ts';
import { parseMetrics } from './parse-metrics.ts';
import { listPods } from './pod-list.ts';
import { readMetrics } from './pod-metrics.ts';

/**
 * The cluster behind a connection. Connections are opened when needed and kept for the next cycle; idle ones do
 * not keep the process up.
 * @param wait resolves after so many milliseconds
 */
export function clusterApi(
  connection: Connection,
  wait: (ms: number) => Promise<void>,
): ClusterApi & { close(): void } {
  const client = apiClient(connection);
  return {
    listPods(budgetMs) {
      const deadline = performance.now() + budgetMs;
      return listPods(client, { remainingMs: () => deadline - performance.now(), wait });
    },
    readMetrics: (pod, budgetMs) => readMetrics(client, pod, budgetMs, parseMetrics),
    close: () => client.close(),
  };
}
