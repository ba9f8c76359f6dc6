import type { PodFault } from '../api-server/pod-proxy.ts';
import type { EmbeddedCluster } from '../embedded-cluster.ts';
import { ASK_EKS, type Broken, type Link } from './fault.ts';

const UNCHANGED: Broken = {};

/** @param share of the pods, from the last one back */
function breakPods({ fleet, apiServer }: EmbeddedCluster, fault: PodFault, share = 1): Broken {
  const pods = fleet.nodes().map(({ pod }) => pod);
  for (const pod of pods.slice(-Math.ceil(pods.length * share))) apiServer.faults.pods.set(pod, fault);
  return UNCHANGED;
}

const missingRight = (right: string): Link => ({
  broken: `the Role lacks the right to ${right}`,
  breakIn({ access }) {
    access.rights.delete(right);
    return UNCHANGED;
  },
});

/** What the cluster itself allows and answers. */
export const CLUSTER_LINKS = {
  'access-entry': {
    broken: 'the role has no access entry',
    breakIn({ access }) {
      access.mapped = false;
      return { environment: ASK_EKS };
    },
  },
  'aws-auth': {
    broken: 'the role is not in aws-auth, where this cluster looks for roles',
    breakIn({ access, eksCluster }) {
      access.mapped = false;
      eksCluster.authenticationMode = 'CONFIG_MAP';
      return { environment: ASK_EKS };
    },
  },
  group: {
    broken: 'the access entry lacks the group',
    breakIn({ access }) {
      access.groups = [];
      access.rights.clear();
      return UNCHANGED;
    },
  },
  'right-to-list': missingRight('list pods'),
  'right-to-proxy': missingRight('get pods/proxy'),
  'no-pods': {
    broken: 'no node has an aws-node pod',
    breakIn({ fleet }) {
      for (const { pod } of fleet.nodes()) fleet.leave(pod);
      return UNCHANGED;
    },
  },
  'pods-pending': {
    broken: 'all aws-node pods wait for something',
    breakIn({ fleet, apiServer }) {
      for (const { pod } of fleet.nodes()) apiServer.faults.phases.set(pod, 'Pending');
      return UNCHANGED;
    },
  },
  'metrics-port': {
    broken: 'tcp/61678 is closed on every node',
    breakIn: (cluster) => breakPods(cluster, 'unreachable'),
  },
  'metrics-port-of-some': {
    broken: 'tcp/61678 is closed on a third of the nodes',
    breakIn: (cluster) => breakPods(cluster, 'unreachable', 1 / 3),
  },
  'metrics-disabled': {
    broken: 'DISABLE_METRICS=true: ipamd does not listen',
    breakIn: (cluster) => breakPods(cluster, 'refused'),
  },
  'pod-gone': {
    broken: 'a pod is deleted after it was listed',
    breakIn: (cluster) => breakPods(cluster, 'gone', Number.MIN_VALUE),
  },
  'pod-silent': {
    broken: 'a pod takes the request and never answers',
    breakIn: (cluster) => breakPods(cluster, 'hang', Number.MIN_VALUE),
  },
  'other-answer': {
    broken: 'something else listens on tcp/61678',
    breakIn: (cluster) => breakPods(cluster, 'garbage'),
  },
} satisfies Record<string, Link>;
