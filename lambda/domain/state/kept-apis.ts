import { MAX_APIS, OTHER_APIS } from '../api-names.ts';
import type { ApiLatency, PodReading } from '../pod-reading.ts';
import type { CounterReading, PodMemory, State } from './state.ts';

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
  return { ...now, latencies: folded(now.latencies, own) };
}

/** APIs of a smaller share of the pods are rare. */
const RARE = 0.01;

/**
 * The state with all rare APIs of a pod as one, where the pod goes on counting them: each API is a column for all pods, so
 * those that one pod alone exposes double the state of 20,000.
 */
export function withoutRareApis(state: State): State {
  const counts = new Map<string, number>();
  for (const { last } of state.pods.values())
    if (typeof last === 'object')
      for (const { api } of last.latencies) counts.set(api, (counts.get(api) ?? 0) + 1);
  const common = new Set([OTHER_APIS]);
  for (const [api, pods] of counts) if (pods >= RARE * state.pods.size) common.add(api);
  const pods = Array.from(state.pods, ([pod, memory]): [string, PodMemory] => {
    const { last } = memory;
    if (typeof last !== 'object' || last.latencies.every(({ api }) => common.has(api))) return [pod, memory];
    return [pod, { ...memory, last: { ...last, latencies: folded(last.latencies, common) } }];
  });
  return { ...state, pods: new Map(pods) };
}

/** The rows of these APIs, and all others as one. */
function folded(rows: readonly ApiLatency[], own: ReadonlySet<string>): ApiLatency[] {
  const others = rows.filter(({ api }) => api === OTHER_APIS || !own.has(api));
  const rest = rows.filter(({ api }) => api !== OTHER_APIS && own.has(api));
  return [...rest, sumOf(others)];
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
