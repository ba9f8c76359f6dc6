import { runMicro } from './processes.ts';
import { BASE } from './protocol.ts';
import { measureRow, type Placement, type Row } from './rows.ts';

/** A ratio of two figures of one run: it holds on slow machines too. */
export interface Ratio {
  readonly what: string;
  readonly measured: number;
  /** Half or less of what an idle machine shows, so that a busy one passes. */
  readonly limit: { readonly atLeast: number } | { readonly atMost: number };
}

/** The short form of the benchmark. */
export async function measureRatios(placement: Placement): Promise<readonly Ratio[]> {
  const few = await measureRow({ pods: 300, ...BASE }, { repeats: 2, baselines: false }, placement);
  const many = await measureRow({ pods: 1000, ...BASE }, { repeats: 2, baselines: true }, placement);
  const micro = await runMicro(placement.client);
  return ratiosOf(few, many, micro);
}

function ratiosOf(few: Row, many: Row, micro: Readonly<Record<string, number>>): readonly Ratio[] {
  return [
    {
      what: 'wall time of one pod after the other / of 1,000 pods',
      measured: (many.baselines?.serial.wallMs ?? NaN) / many.wallMs,
      limit: { atLeast: 10 },
    },
    {
      what: "CPU of @kubernetes/client-node's calls / of 1,000 pods",
      measured: (many.baselines?.['client-node'].cpuMs ?? NaN) / many.cpuMs,
      limit: { atLeast: 4 },
    },
    {
      what: 'CPU a pod of 1,000 / of 300 pods',
      measured: many.cpuPerPodUs / few.cpuPerPodUs,
      limit: { atMost: 1.5 },
    },
    {
      what: 'peak of memory with 1,000 / with 300 pods',
      measured: many.peakRssMb / few.peakRssMb,
      limit: { atMost: 1.25 },
    },
    {
      what: "time of npm's parser / of the decoder, 30 KB",
      measured: micro.decode30KbTimesAsFast ?? NaN,
      limit: { atLeast: 10 },
    },
  ];
}

/** Also false for a ratio that could not be measured. */
export const holds = ({ measured, limit }: Ratio): boolean =>
  'atLeast' in limit ? measured >= limit.atLeast : measured <= limit.atMost;
