/** What happens in a simulated cluster, and how often. All of it may change while it runs. */
export interface Rates {
  /** Mean life of a node, milliseconds. */
  nodeLifeMs: number;
  /** Chance, after each node that joins in a step, that another one of those that are missing joins too. */
  joining: number;
  /** A new pod is Running for so long before its ipamd serves, milliseconds. */
  servesAfterMs: number;
  /** The pod of a node that is gone stays in the list for so long, milliseconds. */
  staysListedMs: number;
  /** Restarts of ipamd per node and day. */
  restartsPerDay: number;
  /** How often a day somebody detaches an interface of a node. */
  lostInterfacesPerDay: number;
  /** Share of the calls to EC2 that are refused for their rate. */
  refusedCalls: number;
  /** Share of the moments in which a node's reconciliation, once a minute, is under way. */
  reconciling: number;
  /** Chance that a pod of a node is replaced in a step. */
  podChurn: number;
  /** What the nodes run: each has its own waves of hours, all follow the day, or all they can. */
  load: 'waves' | 'day' | 'full';
  /** Share of new nodes that use prefix delegation. */
  prefixNodes: number;
  /** WARM_IP_TARGET and MINIMUM_IP_TARGET of nodes with secondary addresses; undefined: WARM_ENI_TARGET=1. */
  warmIps: { readonly target: number; readonly minimum: number } | undefined;
  /** Whether other users of the subnets take nearly all of a subnet now and then. */
  subnetSurges: boolean;
  /** Whether ipamd left an interface behind in a shared subnet before the simulation starts. */
  leakedInterface: boolean;
}

/** More of everything than in a real cluster, so that every run of minutes sees all that a collector must get right. */
export const EVENTFUL: Readonly<Rates> = {
  nodeLifeMs: 12 * 3_600_000,
  joining: 0.3,
  servesAfterMs: 0,
  staysListedMs: 0,
  restartsPerDay: 4,
  lostInterfacesPerDay: 0.1,
  refusedCalls: 0.003,
  reconciling: 0.02,
  podChurn: 0.15,
  load: 'waves',
  prefixNodes: 0.25,
  warmIps: undefined,
  subnetSurges: true,
  leakedInterface: true,
};

/**
 * A cluster in good health, as simulations of alarms need it. Each rate is an estimate from the source of ipamd and from real clusters:
 * a reconciliation takes 0.04 to 0.2 s a minute, a pod lives for hours, a node for a day.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/pkg/ipamd/ipamd.go
 */
export const HEALTHY: Readonly<Rates> = {
  nodeLifeMs: 24 * 3_600_000,
  joining: 0.9,
  servesAfterMs: 15_000,
  staysListedMs: 45_000,
  restartsPerDay: 0.02,
  lostInterfacesPerDay: 0,
  refusedCalls: 0.001,
  reconciling: 0.002,
  podChurn: 0.02,
  load: 'day',
  prefixNodes: 0,
  warmIps: undefined,
  subnetSurges: false,
  leakedInterface: false,
};
