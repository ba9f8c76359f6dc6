import { COUNTERS, GAUGES } from '../../lambda/domain/catalog.ts';
import type { IpamdFacts, PodReading } from '../../lambda/domain/pod-reading.ts';
import { NO_FACTS } from './facts.ts';

type Values = Readonly<Record<string, number>>;

/** A reading with values by metric name; what is not named was not exposed. */
export function reading(
  parts: Partial<Omit<PodReading, 'gauges' | 'counters' | 'facts'>> & {
    gauges?: Values;
    counters?: Values;
    facts?: Partial<IpamdFacts>;
  },
): PodReading {
  const { gauges = {}, counters = {}, facts = {}, ...rest } = parts;
  const known = new Set<string>([...GAUGES, ...COUNTERS].map(({ name }) => name));
  for (const name of [...Object.keys(gauges), ...Object.keys(counters)]) {
    if (!known.has(name)) throw new Error(`the catalog has no ${name}`);
  }
  return {
    startTime: NaN,
    latencies: [],
    invalid: [],
    lacks: [],
    ...rest,
    gauges: GAUGES.map(({ name }) => gauges[name] ?? NaN),
    counters: COUNTERS.map(({ name }) => counters[name] ?? NaN),
    facts: { ...NO_FACTS, ...facts },
  };
}
