import type { PodFault } from './api-server/pod-fault.ts';
import type { Random } from './simulation/random.ts';

/** Without `hang`: it would make each cycle wait for the time limit of a pod. */
const FAULTS: readonly [PodFault, ...PodFault[]] = ['unreachable', 'refused', 'reset', 'garbage', 'gone'];

/** Chooses `percent` of the pods, rounded to whole pods, and a fault for each. */
export function chooseFaults(
  pods: readonly string[],
  percent: number,
  random: Random,
): ReadonlyMap<string, PodFault> {
  const left = [...pods];
  const chosen = Array.from({ length: Math.round((pods.length * percent) / 100) }, () =>
    left.splice(random.below(left.length), 1),
  ).flat();
  return new Map(chosen.map((pod) => [pod, random.pick(FAULTS)]));
}
