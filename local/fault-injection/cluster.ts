import type { PodFault } from '../api-server/pod-fault.ts';
import type { EmbeddedCluster } from '../embedded-cluster.ts';
import { ASK_EKS, type InjectableFault, type Injected } from './fault.ts';

const UNCHANGED: Injected = {};

/** @param share of the pods, counted from the end of the list */
function breakPods({ fleet, apiServer }: EmbeddedCluster, fault: PodFault, share = 1): Injected {
  const pods = fleet.nodes().map(({ pod }) => pod);
  for (const pod of pods.slice(-Math.ceil(pods.length * share))) apiServer.faults.pods.set(pod, fault);
  return UNCHANGED;
}

const missingRight = (right: string): InjectableFault => ({
  description: `the Role lacks the right to ${right}`,
  inject({ access }) {
    access.rights.delete(right);
    return UNCHANGED;
  },
});

/** The rights in the cluster, and the answers of its pods. */
export const CLUSTER_FAULTS = {
  'access-entry': {
    description: 'the role has no access entry',
    inject({ access }) {
      access.mapped = false;
      return { environment: ASK_EKS };
    },
  },
  'aws-auth': {
    description: 'the cluster maps roles in aws-auth only, and this role is missing there',
    inject({ access, eksCluster }) {
      access.mapped = false;
      eksCluster.authenticationMode = 'CONFIG_MAP';
      return { environment: ASK_EKS };
    },
  },
  group: {
    description: 'the access entry lacks the group',
    inject({ access }) {
      access.groups = [];
      access.rights.clear();
      return UNCHANGED;
    },
  },
  'right-to-list': missingRight('list pods'),
  'right-to-proxy': missingRight('get pods/proxy'),
  'no-pods': {
    description: 'no node has an aws-node pod',
    inject({ fleet }) {
      for (const { pod } of fleet.nodes()) fleet.leave(pod);
      return UNCHANGED;
    },
  },
  'pods-pending': {
    description: 'all aws-node pods are Pending',
    inject({ fleet, apiServer }) {
      for (const { pod } of fleet.nodes()) apiServer.faults.phases.set(pod, 'Pending');
      return UNCHANGED;
    },
  },
  'metrics-port': {
    description: 'tcp/61678 is closed on every node',
    inject: (cluster) => breakPods(cluster, 'unreachable'),
  },
  'metrics-port-of-some': {
    description: 'tcp/61678 is closed on a third of the nodes',
    inject: (cluster) => breakPods(cluster, 'unreachable', 1 / 3),
  },
  'metrics-disabled': {
    description: 'DISABLE_METRICS=true: ipamd does not listen',
    inject: (cluster) => breakPods(cluster, 'refused'),
  },
  'pod-gone': {
    description: 'a pod is deleted after it was listed',
    inject: (cluster) => breakPods(cluster, 'gone', Number.MIN_VALUE),
  },
  'pod-silent': {
    description: 'a pod accepts the request and never answers',
    inject: (cluster) => breakPods(cluster, 'hang', Number.MIN_VALUE),
  },
  'other-answer': {
    description: 'something else listens on tcp/61678',
    inject: (cluster) => breakPods(cluster, 'garbage'),
  },
} satisfies Record<string, InjectableFault>;
