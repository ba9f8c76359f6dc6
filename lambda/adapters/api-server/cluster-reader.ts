import type { ClusterReader } from '../../collect/ports.ts';
import type { Clock } from '../../deadline.ts';
import type { ApiClient } from './client.ts';
import { parseMetrics } from './parse-metrics.ts';
import { listPods } from './pod-list.ts';
import { readMetrics } from './pod-metrics.ts';

/** Reads the cluster through its API server; `close` ends the client's connections. */
export function clusterReader(client: ApiClient, clock: Clock): ClusterReader & { close(): void } {
  return {
    listPods: (deadline) => listPods(client, deadline, clock),
    readMetrics: (pod, deadline) => readMetrics(client, pod, deadline, parseMetrics),
    close: () => client.close(),
  };
}
