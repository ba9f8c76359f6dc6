import type { ScrapeFailureCode } from '../domain/causes.ts';
import { ScrapeError } from '../errors.ts';
import type { ClusterApi } from './ports.ts';

/** What a dead node looks like. Each such pod holds a place for the whole time limit of a request. */
const SILENT: ReadonlySet<ScrapeFailureCode> = new Set([
  'scrape-timeout',
  'port-unreachable',
  'port-refused',
]);

/**
 * The same cluster, with the pods that gave no answer the last time at the end of the list: where time runs out,
 * dead nodes do not keep live ones from being read. Remembers for as long as it lives.
 */
export function silentLast(api: ClusterApi): ClusterApi {
  const silent = new Set<string>();
  return {
    async listPods(budgetMs) {
      const pods = await api.listPods(budgetMs);
      const last = pods.filter(({ name }) => silent.has(name));
      const first = pods.filter(({ name }) => !silent.has(name));
      silent.clear();
      for (const { name } of last) silent.add(name);
      return [...first, ...last];
    },
    async readMetrics(pod, budgetMs) {
      try {
        const result = await api.readMetrics(pod, budgetMs);
        silent.delete(pod.name);
        return result;
      } catch (error) {
        if (error instanceof ScrapeError && SILENT.has(error.code)) silent.add(pod.name);
        throw error;
      }
    },
  };
}
