import type { ScrapeFailureCode } from '../domain/causes.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterReader } from './ports.ts';

/** How a dead node fails. Each such pod holds a place for the whole time limit of a request. */
const UNRESPONSIVE: ReadonlySet<ScrapeFailureCode> = new Set([
  'scrape-timeout',
  'port-unreachable',
  'port-refused',
]);

/**
 * The same cluster, with the pods that gave no answer in the last cycle at the end of the list: where time runs
 * out, dead nodes do not keep live ones from being read. Remembers for as long as it lives.
 */
export function unresponsiveLast(cluster: ClusterReader): ClusterReader {
  const unresponsive = new Set<string>();
  return {
    async listPods(deadline) {
      const pods = await cluster.listPods(deadline);
      const last = pods.filter(({ name }) => unresponsive.has(name));
      const first = pods.filter(({ name }) => !unresponsive.has(name));
      unresponsive.clear();
      for (const { name } of last) unresponsive.add(name);
      return [...first, ...last];
    },
    async readMetrics(pod, deadline) {
      try {
        const result = await cluster.readMetrics(pod, deadline);
        unresponsive.delete(pod.name);
        return result;
      } catch (error) {
        if (error instanceof ScrapeError && UNRESPONSIVE.has(error.code)) unresponsive.add(pod.name);
        throw error;
      }
    },
  };
}
