import type { Slice } from '../../lambda/collect/ports.ts';

/** The time of one step of a diagnosis, from now on. */
export function sliceOf(ms: number): Slice {
  const end = performance.now() + ms;
  return { ms, signal: AbortSignal.timeout(ms), remainingMs: () => end - performance.now() };
}
