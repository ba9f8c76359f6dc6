/** A pod as far as it matters here. */
export interface ListedPod {
  readonly name: string;
  /** '' if unknown. */
  readonly node: string;
  readonly address?: string;
  readonly ageSeconds?: number;
}

/**
 * One pod for each node and each address: aws-node uses the network of its host, so two pods of one node, or of one
 * address (a node that is gone, and a new one that received its address), are answered by one ipamd. The youngest
 * counts. Of pods of the same age, or of unknown age, the first by name counts.
 * @returns both parts in the order of the list; the result for a pod does not depend on that order
 */
export function onePodANode<Pod extends ListedPod>(
  pods: readonly Pod[],
): { readonly counted: readonly Pod[]; readonly ignored: readonly Pod[] } {
  const youngest = new Map<string, Pod>();
  for (const pod of pods) {
    for (const place of placesOf(pod)) {
      const other = youngest.get(place);
      if (other === undefined || isYounger(pod, other)) youngest.set(place, pod);
    }
  }
  const counts = (pod: Pod) => placesOf(pod).every((place) => youngest.get(place) === pod);
  return { counted: pods.filter(counts), ignored: pods.filter((pod) => !counts(pod)) };
}

const placesOf = ({ node, address }: ListedPod): readonly string[] => [
  ...(node === '' ? [] : [`node ${node}`]),
  ...(address === undefined ? [] : [`address ${address}`]),
];

function isYounger(pod: ListedPod, other: ListedPod): boolean {
  const [age, otherAge] = [pod.ageSeconds ?? Infinity, other.ageSeconds ?? Infinity];
  return age === otherAge ? pod.name < other.name : age < otherAge;
}
