/** Some pods: how many, and the first few in the order of their names, so that the order of reading does not matter. */
export interface NamedPods {
  count: number;
  pods: readonly string[];
}

/** How many pods are named. */
const NAMED = 5;

export const noPods = (): NamedPods => ({ count: 0, pods: [] });

/** Adds a pod, in place. */
export function addPod(to: NamedPods, pod: string): void {
  to.count += 1;
  const last = to.pods[NAMED - 1];
  if (last === undefined || pod < last) to.pods = [...to.pods, pod].sort().slice(0, NAMED);
}

export function namedPods(pods: readonly string[]): NamedPods {
  const named = noPods();
  for (const pod of pods) addPod(named, pod);
  return named;
}

/** `3 pods (aws-node-a, aws-node-b, …)` */
export function podsText({ count, pods }: Readonly<NamedPods>): string {
  const named = pods.length < count ? `${pods.join(', ')}, …` : pods.join(', ');
  return `${count} ${count === 1 ? 'pod' : 'pods'} (${named})`;
}
