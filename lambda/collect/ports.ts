import type { Deadline } from '../deadline.ts';
import type { ExpositionError } from '../domain/exposition/error.ts';
import type { Metric } from '../domain/metric.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import type { State } from '../domain/state/state.ts';
import type { Reservation } from '../domain/subnets/holdings.ts';
import type { KnownHoldings } from '../domain/subnets/known-holdings.ts';
import type { NetworkInterface } from '../domain/subnets/network-interface.ts';
import type { Subnet } from '../domain/subnets/subnet.ts';
import type { CollectorError } from '../errors.ts';

/** One aws-node pod of the list. */
export interface Pod {
  readonly name: string;
  /** Name of its node; '' if the API server does not say. */
  readonly node: string;
  /** The address of the pod, which is that of its node; absent if unknown. */
  readonly address?: string;
  /** How long ago it was created, as exactly as the API server prints it; absent if unknown. */
  readonly ageSeconds?: number;
  /** It is being deleted. */
  readonly isTerminating?: true;
}

/** What the collector needs from the cluster. */
export interface ClusterReader {
  /**
   * All running aws-node pods: a complete list or an error, never a part.
   * @param deadline for all pages and retries together
   * @throws CollectorError
   */
  listPods(deadline: Deadline): Promise<readonly Pod[]>;
  /**
   * What a pod serves at :61678/metrics, or what is wrong with the text.
   * @throws ScrapeError whose code says why there is no answer
   */
  readMetrics(pod: Pod, deadline: Deadline): Promise<PodReading | ExpositionError>;
}

/** Takes all metrics of a cycle, with one timestamp. */
export interface MetricSink {
  /** As the report names it, for example `cloudwatch`. */
  readonly name: string;
  /**
   * @param time epoch milliseconds
   * @throws CollectorError when any part is not accepted after the retries
   */
  publish(metrics: readonly Metric[], time: number, deadline: Deadline): Promise<Published>;
}

interface Published {
  readonly datums: number;
  readonly requests: number;
}

/**
 * Keeps the state between cycles. Only the holder of the lease may publish counters and advance the state: two
 * overlapping runs can neither both advance it nor publish the same events. The new state is stored before its
 * increases are published: a function that ends in between leaves nothing to be published twice.
 */
export interface StateStore {
  /** The stored state, without a lease (dry run). Undefined: nothing was ever stored. */
  read(deadline: Deadline): Promise<State | undefined>;
  /**
   * Asks for the sole right to advance the state to `tick`.
   * @param tick scheduled time of the cycle, epoch milliseconds
   * @param leaseMs how long the lease lasts if it is not ended
   * @throws CollectorError when the store cannot be reached or denies access
   */
  acquire(tick: number, leaseMs: number, deadline: Deadline): Promise<Lease>;
  /** Stores the state to continue from, under the lease. @throws CollectorError: then publish no counters */
  prepare(state: State, deadline: Deadline): Promise<void>;
  /** The increases are published: ends the lease. @throws CollectorError; the prepared state stays */
  commit(deadline: Deadline): Promise<void>;
  /**
   * Nothing was published: restores the state before and ends the lease.
   * @throws CollectorError; then the next `acquire` of this store restores it
   */
  rollback(deadline: Deadline): Promise<void>;
}

export type Lease =
  | {
      readonly outcome: 'acquired';
      /** Undefined: counting starts here. */
      readonly state: State | undefined;
      /** Set when the stored object was unusable and was copied to `key`. */
      readonly quarantine?: { readonly key: string; readonly reason: string };
      /** The tick of a run that ended after it had prepared its state: whether it published is unknown. */
      readonly unfinished?: number;
      readonly failure?: CollectorError;
    }
  /** This tick or a later one is published already: `at` is that tick. */
  | { readonly outcome: 'published'; readonly at: number; readonly failure?: CollectorError }
  /** Another run holds the lease, for the tick `by`. */
  | { readonly outcome: 'held'; readonly by: number; readonly failure?: CollectorError };

/** Reads the subnets of the cluster. Never rejects: missing subnet metrics are a warning, not a failed cycle. */
export type SubnetReader = (deadline: Deadline) => Promise<SubnetReading>;

export interface SubnetReading {
  /** Empty if they could not be read. */
  readonly subnets: readonly Subnet[];
  /** What is not known and what to do, for a warning of code `subnets-unavailable`. */
  readonly warning?: string;
  /** What to do, where it is not what the code says. */
  readonly remedy?: string;
}

/** Reads the network interfaces of subnets. Never rejects. */
export interface InterfaceReader {
  /** All interfaces in the subnets, or why they are not known. */
  interfaces(subnetIds: readonly string[], deadline: Deadline): Promise<Lookup<readonly NetworkInterface[]>>;
  /** The reservations of IPv4 addresses in the subnets, or why they are not known. */
  reservations(subnetIds: readonly string[], deadline: Deadline): Promise<Lookup<readonly Reservation[]>>;
}

/** What is complete, or a sentence for a warning. */
export type Lookup<T> = { readonly found: T } | { readonly warning: string };

/** A text that outlives the function; the latest one counts. */
export interface TextStore {
  /** Undefined: there is none. @throws CollectorError */
  load(deadline: Deadline): Promise<string | undefined>;
  /** @throws CollectorError */
  store(text: string, deadline: Deadline): Promise<void>;
}

/** Who holds the addresses of the subnets, kept between cycles. Never rejects: it must not cost a cycle. */
export interface HoldingsCache {
  /** What is known, from the function's memory or, after a cold start, from the store. */
  known(now: number, deadline: Deadline): Promise<KnownHoldings | undefined>;
  /**
   * Reads the interfaces again if it is time to, for the next cycle.
   * @param now epoch milliseconds
   * @returns what is not known, for warnings
   */
  refresh(seen: HoldingsInput, now: number, deadline: Deadline): Promise<readonly string[]>;
  /** Reads the interfaces now and keeps nothing of it. @param now epoch milliseconds */
  read(seen: HoldingsInput, now: number, deadline: Deadline): Promise<Lookup<KnownHoldings>>;
}

export interface HoldingsInput {
  readonly subnets: readonly Subnet[];
  readonly podAddresses: readonly string[];
}
