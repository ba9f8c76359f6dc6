import type { Finding } from '../diagnose/step-result.ts';
import type { ExpositionError } from '../domain/exposition/decode.ts';
import type { Metric } from '../domain/metric.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import type { Readings } from '../domain/state/state.ts';
import type { ClusterNetwork, Subnet } from '../domain/subnets.ts';

/** One aws-node pod of the list. */
export interface Pod {
  readonly name: string;
  /** Name of its node; '' where the API server did not say. */
  readonly node: string;
}

/** The two questions the collector puts to the cluster. */
export interface ClusterApi {
  /**
   * All running aws-node pods: a complete list or an error, never a part.
   * @param budgetMs for all pages and retries together
   * @throws CollectorError
   */
  listPods(budgetMs: number): Promise<readonly Pod[]>;
  /**
   * What a pod serves at :61678/metrics, or what is wrong with the text.
   * @throws ScrapeError with the code that says why there is no answer
   */
  readMetrics(pod: Pod, budgetMs: number): Promise<PodReading | ExpositionError>;
}

/** Takes a whole cycle's metrics, all with one timestamp. */
export interface MetricSink {
  /** As the report names it, for example `cloudwatch`. */
  readonly name: string;
  /**
   * @param time epoch milliseconds
   * @throws CollectorError when any part was not accepted after the retries
   */
  publish(metrics: readonly Metric[], time: number, budgetMs: number): Promise<Published>;
}

export interface Published {
  readonly datums: number;
  readonly requests: number;
}

/**
 * Where counters rest between cycles. Only the holder of a claim may publish counters and commit, so two
 * overlapping runs can neither both advance the readings nor publish the same events.
 */
export interface ReadingsStore {
  /** The committed readings, without the right to advance them (dry run). Undefined: nothing was ever committed. */
  read(budgetMs: number): Promise<Readings | undefined>;
  /**
   * Asks for the sole right to advance the readings to `tick`.
   * @param tick scheduled time of the cycle, epoch milliseconds
   * @param untilMs how long the claim holds if it is never committed
   * @throws CollectorError when the store cannot be reached or may not be used
   */
  claim(tick: number, untilMs: number, budgetMs: number): Promise<Claim>;
  /** Makes `readings` the committed ones and ends the claim. @throws CollectorError */
  commit(readings: Readings, budgetMs: number): Promise<void>;
}

export type Claim =
  | {
      readonly outcome: 'granted';
      /** Undefined: counting starts here. */
      readonly readings: Readings | undefined;
      /** Set when an object could not be used and was set aside: where, and why. */
      readonly setAside?: { readonly key: string; readonly reason: string };
    }
  /** This tick or a later one is published already: `at` is that tick. */
  | { readonly outcome: 'published'; readonly at: number }
  /** Another run holds the claim, for the tick `by`. */
  | { readonly outcome: 'busy'; readonly by: number };

/** Tells the free addresses of the cluster's subnets. */
export interface SubnetDirectory {
  /** Never rejects: subnet metrics are worth a warning, not a cycle. */
  read(network: ClusterNetwork, budgetMs: number): Promise<SubnetReading>;
}

export interface SubnetReading {
  /** Empty where they could not be read. */
  readonly subnets: readonly Subnet[];
  /** What could not be learnt and what to do, for a warning of code `subnets-unavailable`. */
  readonly warning?: string;
}

/** Time, injected so that tests need not wait. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds of a clock that never goes back, for durations. */
  elapsed(): number;
}

/** The time that one step of a diagnosis has. */
export interface Slice {
  /** At its start. */
  readonly ms: number;
  remainingMs(): number;
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
}

/** Who the collector is to AWS. */
export interface Principal {
  /** ARN of the role or user, or a shell expression that prints it; undefined: not to be known from here. */
  readonly role: string | undefined;
  /** For people: the ARN, or why it is not known. */
  readonly known: string;
}

/** Where the API server is, and what to trust there. */
export interface ApiServer {
  readonly endpoint: URL;
  /** PEM */
  readonly ca: string;
  /** Where the cluster looks for roles (API, API_AND_CONFIG_MAP, CONFIG_MAP); undefined: nobody asked EKS. */
  readonly authenticationMode?: string | undefined;
}

/** What a diagnosis asks of the world outside the cluster; one question a step, which may also reject. */
export interface Surroundings {
  describeCluster(slice: Slice): Promise<Finding<ApiServer>>;
  resolve(server: ApiServer, slice: Slice): Promise<Finding<Resolved>>;
  connect(server: ApiServer, resolved: Resolved, slice: Slice): Promise<Finding>;
  handshake(server: ApiServer, slice: Slice): Promise<Finding>;
  enter(server: ApiServer, principal: Principal): ClusterAsked;
  publish(slice: Slice): Promise<Finding>;
  readings(slice: Slice): Promise<Finding>;
  ec2(slice: Slice): Promise<Finding>;
}

export interface Resolved {
  /** True: the name resolves to an address that is not of a private network. */
  readonly isPublic: boolean;
}

/** What a diagnosis asks of the cluster itself. */
export interface ClusterAsked extends ClusterApi {
  /** By how many milliseconds the API server's clock is ahead. */
  clock(slice: Slice): Promise<Finding<number>>;
  /** @param skewMs as `clock` found it */
  authenticate(skewMs: number, slice: Slice): Promise<Finding<KubernetesUser>>;
  /** The rights found are also told where one is missing. */
  authorise(user: KubernetesUser, slice: Slice): Promise<Finding<KubernetesRights>>;
  /** aws-node pods that do not run, a hundred at the most: name and phase. */
  idlePods(slice: Slice): Promise<readonly { readonly name: string; readonly phase: string }[]>;
  close(): void;
}

export interface KubernetesUser {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface KubernetesRights {
  readonly listPods: boolean;
  readonly proxyPods: boolean;
}
