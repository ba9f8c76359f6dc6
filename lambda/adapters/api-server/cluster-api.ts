import type { ClusterApi } from '../../collect/ports.ts';
import type { ApiClient } from './client.ts';
import { parseMetrics } from './parse-metrics.ts';
import { listPods } from './pod-list.ts';
import { readMetrics } from './pod-metrics.ts';

/**
 * The cluster that a client speaks to; `close` ends the client's connections.
 * @param wait resolves after so many milliseconds
 */
export function clusterApi(
  client: ApiClient,
  wait: (ms: number) => Promise<void>,
): ClusterApi & { close(): void } {
  return {
    listPods(budgetMs) {
      const deadline = performance.now() + budgetMs;
      return listPods(client, { remainingMs: () => deadline - performance.now(), wait });
    },
    readMetrics: (pod, budgetMs) => readMetrics(client, pod, budgetMs, parseMetrics),
    close: () => client.close(),
  };
}
