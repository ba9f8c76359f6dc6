import { quoted } from '../evidence.ts';
import { latestLeaseEnd, latestTick, time } from './ranges.ts';
import { parsed, record, string, UnusableState } from './shape.ts';

/** Who wrote the stored state, and who alone may replace it: one line of JSON in front of the state. */
export interface Header {
  /** The cluster whose state it is. */
  readonly cluster: string;
  /** The store, in one warm function, that wrote this version. */
  readonly writer: string;
  /** The writer's sole right to advance the state. */
  readonly lease?: {
    /** The tick to advance to, epoch milliseconds. */
    readonly tick: number;
    /** When the right ends, epoch milliseconds. */
    readonly until: number;
  };
}

/** The first version named it so, and called the lease `claim`; stored names do not change. */
const FORMAT = 'eks-cni-metrics/readings';
/** Changes only when an older function would misread what a newer one writes. */
const VERSION = 1;

export function headerToText({ cluster, writer, lease }: Header): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, cluster, writer, claim: lease })}\n`;
}

/**
 * @param cluster the cluster whose state is expected
 * @param now epoch milliseconds
 * @throws UnusableState also for the state of another cluster, and for a lease that no function can have written
 */
export function headerFromText(text: string, cluster: string, now: number): Header {
  const header = record(parsed(text), 'the header');
  if (header.format !== FORMAT) throw new UnusableState('not written by this program');
  if (header.version !== VERSION)
    throw new UnusableState(`version ${quoted(header.version)} is not ${VERSION}`);
  if (header.cluster !== cluster)
    throw new UnusableState(`of the cluster ${quoted(header.cluster)}, not ${cluster}`);
  const writer = string(header.writer, 'writer');
  if (header.claim === undefined) return { cluster, writer };
  const claim = record(header.claim, 'claim');
  return {
    cluster,
    writer,
    lease: {
      tick: time(claim.tick, latestTick(now), 'tick'),
      until: time(claim.until, latestLeaseEnd(now), 'until'),
    },
  };
}
