import { number, parsed, record, string, UnusableReadings } from './shape.ts';

/** Who wrote the stored readings, and who alone may replace them: one line of JSON before the readings. */
export interface Header {
  /** The cluster the readings are of. */
  readonly cluster: string;
  /** The owner that wrote this version: one store of one warm function. */
  readonly writer: string;
  /** The writer's sole right to advance the readings. */
  readonly claim?: {
    /** To this tick, epoch milliseconds. */
    readonly tick: number;
    /** For so long, epoch milliseconds. */
    readonly until: number;
  };
}

const FORMAT = 'eks-cni-metrics/readings';
/** To be raised whenever an older function would misread what a newer one writes. */
const VERSION = 1;

export function headerToText(header: Header): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...header })}\n`;
}

/**
 * @param cluster the cluster whose readings are expected
 * @throws UnusableReadings also where they are those of another cluster
 */
export function headerFromText(text: string, cluster: string): Header {
  const header = record(parsed(text), 'the header');
  if (header.format !== FORMAT) throw new UnusableReadings('not readings of this program');
  if (header.version !== VERSION) {
    throw new UnusableReadings(`version ${header.version} is not ${VERSION}`);
  }
  if (header.cluster !== cluster) {
    throw new UnusableReadings(`of the cluster ${header.cluster}, not ${cluster}`);
  }
  const writer = string(header.writer, 'writer');
  if (header.claim === undefined) return { cluster, writer };
  const claim = record(header.claim, 'claim');
  return {
    cluster,
    writer,
    claim: { tick: number(claim.tick, 'tick'), until: number(claim.until, 'until') },
  };
}
