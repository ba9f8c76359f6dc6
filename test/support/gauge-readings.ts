import { COUNTERS, GAUGES } from '../../lambda/domain/catalogue.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';

type GaugeName = (typeof GAUGES)[number]['name'];

/** A pod's answer of which only gauges matter; what `values` does not name is not exposed. */
export const gaugeReading = (
  values: Readonly<Partial<Record<GaugeName, number>>>,
  notFinite = 0,
): PodReading => ({
  startTime: 1,
  gauges: GAUGES.map(({ name }) => values[name] ?? Number.NaN),
  counters: COUNTERS.map(() => Number.NaN),
  latencies: [],
  notFinite,
});
