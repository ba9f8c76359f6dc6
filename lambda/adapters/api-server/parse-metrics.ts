import { decode, ExpositionError } from '../../domain/exposition/decode.ts';
import type { PodReading } from '../../domain/pod-reading.ts';

/** The reading in the text of a pod's metrics, or what is wrong with the text. */
export function parseMetrics(text: Uint8Array): PodReading | ExpositionError {
  try {
    return decode(text);
  } catch (fault) {
    if (!(fault instanceof ExpositionError)) throw fault;
    return fault;
  }
}
