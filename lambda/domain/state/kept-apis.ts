import { MAX_APIS, OTHER_APIS } from '../api-names.ts';
import type { ApiLatency, PodReading } from '../pod-reading.ts';
import type { CounterReading, State } from './state.ts';

/**
 * The APIs that are counted apart from now on: those of the state, then those that most pods expose, MAX_APIS
 * together. An API is forgotten with the last process that called it.
 */
export function keptApis(
  previous: State | undefined,
  read: ReadonlyMap<string, PodReading>,
): ReadonlySet<string> {
  const kept = new Set([OTHER_APIS]);
  for (const { last } of previous?.pods.values() ?? [])
    if (typeof last === 'object') for (const { api } of last.latencies) kept.add(api);
  const pods = new Map<string, number>();
  for (const { latencies } of read.values())
    for (const { api } of latencies) if (!kept.has(api)) pods.set(api, (pods.get(api) ?? 0) + 1);
  const room = Math.max(0, MAX_APIS + 1 - kept.size);
  const byPods = [...pods].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  for (const [api] of byPods.slice(0, room)) kept.add(api);
  return kept;
}

/**
 * The reading with all APIs that are not kept as one. Where `last` has such a sum, every API that it does not name is
 * part of that sum and stays there, so that the sum only grows.
 * @param last of the same process, if there is one
 */
export function withKeptApis(
  now: PodReading,
  kept: ReadonlySet<string>,
  last: CounterReading | undefined,
): PodReading {
  const sums = last?.latencies.some(({ api }) => api === OTHER_APIS);
  const own = sums ? new Set(last?.latencies.map(({ api }) => api)) : kept;
  if (now.latencies.every(({ api }) => own.has(api))) return now;
  const others = now.latencies.filter(({ api }) => api === OTHER_APIS || !own.has(api));
  const rest = now.latencies.filter(({ api }) => api !== OTHER_APIS && own.has(api));
  return { ...now, latencies: [...rest, sumOf(others)] };
}

function sumOf(rows: readonly ApiLatency[]): ApiLatency {
  const quantiles = rows.flatMap(({ p99 }) => p99 ?? []);
  return {
    api: OTHER_APIS,
    count: rows.reduce((sum, { count }) => sum + count, 0),
    sum: rows.reduce((total, { sum }) => total + sum, 0),
    ...(quantiles.length > 0 && { p99: Math.max(...quantiles) }),
  };
}
