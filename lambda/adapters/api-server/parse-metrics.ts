import { decode, ExpositionError } from '../../domain/exposition.ts';
import type { PodReading } from '../../domain/pod-reading.ts';
import { ScrapeError } from '../../errors.ts';

/** What the text of a pod's metrics says. @throws ScrapeError `unparsable` */
export function parseMetrics(text: Uint8Array): PodReading {
  try {
    return decode(text);
  } catch (cause) {
    if (!(cause instanceof ExpositionError)) throw cause;
    throw new ScrapeError('unparsable', cause.message, { cause });
  }
}
