/** What the pods of the contract are like; each kind has one pod. */
export const POD_KINDS = [
  'healthy',
  'refused',
  'dropped',
  'unroutable',
  'unknown-network',
  'addressless',
  'own-404',
  'own-500',
  'own-503',
  'redirect',
  'garbage',
  'cut',
  'reset',
  'eof',
  'not-http',
  'crash-looping',
  'restarted',
  'terminating',
  'pending',
  'failed',
] as const;

export type PodKind = (typeof POD_KINDS)[number];

export interface ContractPod {
  readonly name: string;
  /** Empty: none yet. */
  readonly ip: string;
  readonly node: string;
}

/** A cluster with a pod of each kind, whose API server is held to the contract. */
export interface ContractCluster {
  /** https URL */
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  readonly clusterName: string;
  readonly pods: ReadonlyMap<PodKind, ContractPod>;
  /** The header of a good token of READER, made now. */
  authorization(): Promise<string>;
  /** Takes the reader's key away, or gives it back. */
  setKnown(known: boolean): void;
  /** Lets time pass that the cluster waits for: of its own clock, or of the world's. */
  pass(ms: number): Promise<void>;
  /** Resolves when a pod whose port is blocked is being dialed, as far as the cluster can tell. */
  untilDialing(): Promise<void>;
  /** The continue token of the same page in a list that is too old. */
  expire(token: string): Promise<string>;
  close(): Promise<void>;
}

/** Whom READER's token belongs to in the cluster. */
export const USER = 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics/local';

export const PODS = '/api/v1/namespaces/kube-system/pods';

export function podOf({ pods }: ContractCluster, kind: PodKind): ContractPod {
  const pod = pods.get(kind);
  if (!pod) throw new Error(`the cluster has no pod that is ${kind}`);
  return pod;
}
