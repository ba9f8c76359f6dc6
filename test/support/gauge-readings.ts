import type { GaugeName } from '../../lambda/domain/catalog.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import { reading } from './reading.ts';

/** A pod's answer of which only gauges matter; what `values` does not name is not exposed. */
export const gaugeReading = (
  values: Readonly<Partial<Record<GaugeName, number>>>,
  more: Partial<Parameters<typeof reading>[0]> = {},
): PodReading => reading({ startTime: 1, gauges: values, ...more });
