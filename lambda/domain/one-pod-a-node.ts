/** A pod as far as it matters here. */
export interface ListedPod {
  readonly name: string;
  /** '' if unknown. */
  readonly node: string;
  readonly address?: string;
  readonly ageSeconds?: number;
}

/**
 * One pod for each node: aws-node uses the network of its host, so two pods of one node are answered by one ipamd. So are
 * two pods of one address (a node that is gone, and a new one that received its address). The youngest counts. Of pods
 * of the same age, or of unknown age, the first by name counts.
 *
 * A node reports the address of its pods itself. So of several pods that count for their nodes and have one address, the
 * answers decide whether the older ones count too, see `hasOwnIpamd`.
 * @returns all pods, in three parts: `counted` and `ignored` in the order of the list, `rivals` the youngest first; which
 * part a pod is in does not depend on that order
 */
export function onePodANode<Pod extends ListedPod>(
  pods: readonly Pod[],
): { readonly counted: readonly Pod[]; readonly rivals: readonly Pod[]; readonly ignored: readonly Pod[] } {
  const ofNodes = youngestBy(pods, ({ node }) => (node === '' ? undefined : node));
  const ofAddresses = youngestBy([...ofNodes], ({ address }) => address);
  return {
    counted: pods.filter((pod) => ofAddresses.has(pod)),
    rivals: [...ofNodes].filter((pod) => !ofAddresses.has(pod)).sort((a, b) => (isYounger(a, b) ? -1 : 1)),
    ignored: pods.filter((pod) => !ofNodes.has(pod)),
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
