import { COUNTERS, GAUGES } from '../../lambda/domain/catalogue.ts';
import type { ApiLatency, PodReading } from '../../lambda/domain/pod-reading.ts';

/** A pod's answer of which only counters matter; what `counts` does not name is not exposed. */
export const podReading = (
  startTime: number,
  counts: Readonly<Record<string, number>> = {},
  latencies: readonly ApiLatency[] = [],
): PodReading => ({
  startTime,
  gauges: GAUGES.map(() => Number.NaN),
  counters: COUNTERS.map(({ name }) => counts[name] ?? Number.NaN),
  latencies,
  notFinite: 0,
});
