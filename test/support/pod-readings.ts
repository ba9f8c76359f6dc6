import type { ApiLatency, PodReading } from '../../lambda/domain/pod-reading.ts';
import { reading } from './reading.ts';

/** A pod's answer of which only counters matter; what `counts` does not name is not exposed. */
export const podReading = (
  startTime: number,
  counts: Readonly<Record<string, number>> = {},
  latencies: readonly ApiLatency[] = [],
): PodReading => reading({ startTime, counters: counts, latencies });
