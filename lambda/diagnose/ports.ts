import type { ClusterEndpoint } from '../cluster-endpoint.ts';
import type { ClusterReader, HoldingsCache } from '../collect/ports.ts';
import type { Deadline } from '../deadline.ts';
import type { Subnet } from '../domain/subnets/subnet.ts';
import type { StepResult } from './step-result.ts';

/** The identity of the collector in AWS. */
export interface Principal {
  /** ARN of the role or user, or a shell expression that prints it; undefined: it cannot be known from here. */
  readonly role: string | undefined;
  /** For people: the ARN, or why it is not known. */
  readonly known: string;
}

/** Where the API server is, and how the cluster maps roles. */
export interface DescribedCluster {
  readonly endpoint: ClusterEndpoint;
  /** API, API_AND_CONFIG_MAP or CONFIG_MAP; undefined: EKS was not asked. */
  readonly authenticationMode?: string | undefined;
}

/** The probes of everything outside the cluster, one for each step. A probe may reject. */
export interface Probes {
  describeCluster(deadline: Deadline): Promise<StepResult<DescribedCluster>>;
  resolve(endpoint: ClusterEndpoint, deadline: Deadline): Promise<StepResult<ResolvedAddress>>;
  connect(endpoint: ClusterEndpoint, address: ResolvedAddress, deadline: Deadline): Promise<StepResult>;
  handshake(endpoint: ClusterEndpoint, deadline: Deadline): Promise<StepResult>;
  cluster(cluster: DescribedCluster, principal: Principal): ClusterProbes;
  publishing(deadline: Deadline): Promise<StepResult>;
  state(deadline: Deadline): Promise<StepResult>;
  /** The subnets of the cluster; none where no setting needs them. */
  ec2(deadline: Deadline): Promise<StepResult<readonly Subnet[]>>;
  /** Undefined: SUBNET_METRICS is off. */
  readonly holdings: Pick<HoldingsCache, 'read'> | undefined;
}

export interface ResolvedAddress {
  /** True: the name resolves only to public addresses. */
  readonly isPublic: boolean;
}

/** The probes of the cluster itself. */
export interface ClusterProbes extends ClusterReader {
  /** How many milliseconds the clock of the API server is ahead. */
  clock(deadline: Deadline): Promise<StepResult<number>>;
  /** @param skewMs as `clock` found it */
  authenticate(skewMs: number, deadline: Deadline): Promise<StepResult<KubernetesUser>>;
  /** Returns the rights it found even if one is missing. */
  authorize(user: KubernetesUser, deadline: Deadline): Promise<StepResult<KubernetesRights>>;
  /** aws-node pods that are not running, at most 100: name and phase. */
  podsNotRunning(deadline: Deadline): Promise<readonly { readonly name: string; readonly phase: string }[]>;
  close(): void;
}

export interface KubernetesUser {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface KubernetesRights {
  readonly listPods: boolean;
  /** To read metrics the way the settings say: `get pods/proxy`, or nothing. */
  readonly readPods: boolean;
}
