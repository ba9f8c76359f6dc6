import { COUNTERS, GAUGES } from '../../lambda/domain/catalogue.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';

type Values = Readonly<Record<string, number>>;

/** A reading with values by metric name; what is not named was not exposed. */
export function reading(
  parts: Partial<Omit<PodReading, 'gauges' | 'counters'>> & { gauges?: Values; counters?: Values },
): PodReading {
  const { gauges = {}, counters = {}, ...rest } = parts;
  const known = new Set([...GAUGES, ...COUNTERS].map(({ name }) => name));
  for (const name of [...Object.keys(gauges), ...Object.keys(counters)]) {
    if (!known.has(name)) throw new Error(`the catalogue has no ${name}`);
  }
  return {
    startTime: NaN,
    latencies: [],
    notFinite: 0,
    ...rest,
    gauges: GAUGES.map(({ name }) => gauges[name] ?? NaN),
    counters: COUNTERS.map(({ name }) => counters[name] ?? NaN),
  };
}
