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
 * counts. Of pods of the same age, or of unknown age, the first by name counts. Only a pod that counts for its node
 * competes for its address: a kubelet creates as many mirror pods as it likes, each with an address of its choice.
 * @returns both parts in the order of the list; the result for a pod does not depend on that order
 */
export function onePodANode<Pod extends ListedPod>(
  pods: readonly Pod[],
): { readonly counted: readonly Pod[]; readonly ignored: readonly Pod[] } {
  const ofNodes = youngestBy(pods, ({ node }) => (node === '' ? undefined : node));
  const ofAddresses = youngestBy([...ofNodes], ({ address }) => address);
  return {
    counted: pods.filter((pod) => ofAddresses.has(pod)),
    ignored: pods.filter((pod) => !ofAddresses.has(pod)),
  };
}

/** The youngest pod of each place, and the pods whose place is unknown. */
function youngestBy<Pod extends ListedPod>(
  pods: readonly Pod[],
  placeOf: (pod: Pod) => string | undefined,
): ReadonlySet<Pod> {
  const youngest = new Map<string | Pod, Pod>();
  for (const pod of pods) {
    const place = placeOf(pod) ?? pod;
    const other = youngest.get(place);
    if (other === undefined || isYounger(pod, other)) youngest.set(place, pod);
  }
  return new Set(youngest.values());
}

function isYounger(pod: ListedPod, other: ListedPod): boolean {
  const [age, otherAge] = [pod.ageSeconds ?? Infinity, other.ageSeconds ?? Infinity];
  return age === otherAge ? pod.name < other.name : age < otherAge;
}
