import type { PodReading } from './pod-reading.ts';
import { isSameProcess } from './state/process-reading.ts';
import type { CounterReading, State } from './state/state.ts';

/** What is known of the pods of one address. */
export interface PodHistory {
  /** By pod name, what was read in this cycle of the pods that count. */
  readonly readings: ReadonlyMap<string, PodReading>;
  /** By pod name, what earlier cycles have read. */
  readonly memories: State['pods'] | undefined;
}

/**
 * Whether a pod that shares the address of others was answered by an ipamd of its own: by the process that answered it
 * before, or by one that none of the others is known by. A node that is gone is answered by the ipamd of the node that
 * received its address. A node that only claims the address of another one must not take that node's place.
 * @param others names of the other pods of this address
 */
export function hasOwnIpamd(
  pod: string,
  answer: PodReading,
  others: readonly string[],
  { readings, memories }: PodHistory,
): boolean {
  const lastOf = (name: string): CounterReading | undefined => {
    const last = memories?.get(name)?.last;
    return typeof last === 'object' ? last : undefined;
  };
  const last = lastOf(pod);
  if (last && isSameProcess(last, answer)) return true;
  // Without a start time, a process looks like any other whose totals are lower.
  const isOf = (known: CounterReading | undefined): boolean =>
    known !== undefined && !Number.isNaN(known.startTime - answer.startTime) && isSameProcess(known, answer);
  return !others.some((name) => isOf(lastOf(name)) || isOf(readings.get(name)));
}
