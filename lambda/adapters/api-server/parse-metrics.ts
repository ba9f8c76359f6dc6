import { decode, ExpositionError } from '../../domain/exposition/decode.ts';
import type { PodReading } from '../../domain/pod-reading.ts';

/** What the text of a pod's metrics says, or what is wrong with it. */
export function parseMetrics(text: Uint8Array): PodReading | ExpositionError {
  try {
    return decode(text);
  } catch (fault) {
    if (!(fault instanceof ExpositionError)) throw fault;
    return fault;
  }
}
