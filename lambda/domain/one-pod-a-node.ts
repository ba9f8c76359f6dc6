/** A pod as far as it matters here. */
export interface ListedPod {
  readonly name: string;
  /** '' if unknown. */
  readonly node: string;
  readonly address?: string;
  readonly ageSeconds?: number;
}

/**
 * One pod for each node: aws-node uses the network of its host, so two pods of one node are answered by one ipamd. The
 * youngest counts. Of pods of the same age, or of unknown age, the first by name counts.
 *
 * Two pods of one address are answered by one ipamd as well (a node that is gone, and a new one that received its address).
 * But a node reports the address of its pods itself, so the answers decide which of these rivals count, see `hasOwnIpamd`.
 * @returns all pods, in three parts: `counted` and `ignored` in the order of the list, `rivals` the youngest first; which
 * part a pod is in does not depend on that order
 */
export function onePodANode<Pod extends ListedPod>(
  pods: readonly Pod[],
): { readonly counted: readonly Pod[]; readonly rivals: readonly Pod[]; readonly ignored: readonly Pod[] } {
  const ofNodes = youngestOfNodes(pods);
  const addresses = Map.groupBy(ofNodes, ({ address }) => address);
  const isRival = ({ address }: Pod): boolean =>
    address !== undefined && (addresses.get(address)?.length ?? 0) > 1;
  return {
    counted: pods.filter((pod) => ofNodes.has(pod) && !isRival(pod)),
    rivals: [...ofNodes].filter(isRival).sort((a, b) => (isYounger(a, b) ? -1 : 1)),
    ignored: pods.filter((pod) => !ofNodes.has(pod)),
  };
}

/** The youngest pod of each node, and the pods whose node is unknown. */
function youngestOfNodes<Pod extends ListedPod>(pods: readonly Pod[]): ReadonlySet<Pod> {
  const youngest = new Map<string | Pod, Pod>();
  for (const pod of pods) {
    const node = pod.node === '' ? pod : pod.node;
    const other = youngest.get(node);
    if (other === undefined || isYounger(pod, other)) youngest.set(node, pod);
  }
  return new Set(youngest.values());
}

function isYounger(pod: ListedPod, other: ListedPod): boolean {
  const [age, otherAge] = [pod.ageSeconds ?? Infinity, other.ageSeconds ?? Infinity];
  return age === otherAge ? pod.name < other.name : age < otherAge;
}
