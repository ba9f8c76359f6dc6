import { number, parsed, record, string, UnusableState } from './shape.ts';

/** Who wrote the stored state, and who alone may replace it: one line of JSON before the state. */
export interface Header {
  /** The cluster that the state belongs to. */
  readonly cluster: string;
  /** Who wrote this version: one store of one warm function. */
  readonly writer: string;
  /** The writer's sole right to advance the state. */
  readonly lease?: {
    /** To this tick, epoch milliseconds. */
    readonly tick: number;
    /** Until then, epoch milliseconds. */
    readonly until: number;
  };
}

/** As it was named when the first version was written; the lease is stored as `claim` for the same reason. */
const FORMAT = 'eks-cni-metrics/readings';
/** Raised only when an older function would misread what a newer one writes. */
const VERSION = 1;

export function headerToText({ cluster, writer, lease }: Header): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, cluster, writer, claim: lease })}\n`;
}

/**
 * @param cluster the cluster whose state is expected
 * @throws UnusableState also where it is that of another cluster
 */
export function headerFromText(text: string, cluster: string): Header {
  const header = record(parsed(text), 'the header');
  if (header.format !== FORMAT) throw new UnusableState('not written by this program');
  if (header.version !== VERSION) throw new UnusableState(`version ${header.version} is not ${VERSION}`);
  if (header.cluster !== cluster) throw new UnusableState(`of the cluster ${header.cluster}, not ${cluster}`);
  const writer = string(header.writer, 'writer');
  if (header.claim === undefined) return { cluster, writer };
  const claim = record(header.claim, 'claim');
  return {
    cluster,
    writer,
    lease: { tick: number(claim.tick, 'tick'), until: number(claim.until, 'until') },
  };
}
