import { COUNTERS, GAUGES, type GaugeName } from '../../lambda/domain/catalog.ts';
import type { ApiLatency, IpamdFacts, PodReading } from '../../lambda/domain/pod-reading.ts';

/** What an answer without any of these families says. */
export const NO_FACTS: IpamdFacts = {
  version: '',
  enis: 0,
  inUseOnEnis: 0,
  connmarkErrors: 0,
  startupFailures: [],
  startupSeconds: NaN,
  nodeInitSeconds: NaN,
};

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

/** A reading of which only gauges matter. */
export const gaugeReading = (
  gauges: Readonly<Partial<Record<GaugeName, number>>>,
  more: Partial<Parameters<typeof reading>[0]> = {},
): PodReading => reading({ startTime: 1, gauges, ...more });

/** A reading of which only counters matter. */
export const podReading = (
  startTime: number,
  counters: Values = {},
  latencies: readonly ApiLatency[] = [],
): PodReading => reading({ startTime, counters, latencies });
