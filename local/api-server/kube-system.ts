import { POD_NAMESPACE } from '../../lambda/contract.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { SimulatedNode } from '../simulation/simulated-node.ts';
import { humanDuration } from './human-duration.ts';
import type { PodFault } from './pod-fault.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

/** A pod of kube-system as far as lists show it. */
export interface KubePod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: Phase;
  readonly node: string;
  readonly ip: string;
  /** Empty: a mirror pod. */
  readonly serviceAccount: string;
  readonly containers: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Of its containers. */
  readonly restarts?: Restarts;
  /** What lists show besides the phase. */
  readonly fault?: PodFault;
  /** What lists show instead of the phase. */
  readonly status?: string;
}

interface Restarts {
  readonly count: number;
  /** Epoch milliseconds of the last one. */
  readonly last: number;
}

/** By name of the pod, what is not as in a healthy cluster. */
interface PodFaults {
  /** Of pods that are not Running. */
  readonly phases: ReadonlyMap<string, Phase>;
  readonly pods: ReadonlyMap<string, PodFault>;
  /** What lists show as their status. */
  readonly mirrorPods: ReadonlyMap<string, string>;
  /** What lists show instead of the phase. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * What runs in kube-system, by name: aws-node and kube-proxy on every node, and two CoreDNS pods.
 * @param addressOf where a node's pods are listed
 */
export function kubeSystemPods(
  fleet: Fleet,
  { phases, pods: faults, mirrorPods, reasons }: PodFaults,
  addressOf: (node: SimulatedNode) => string,
): readonly KubePod[] {
  const restarts = restartsOf(fleet);
  const pods = fleet.nodes().flatMap((node) => {
    const suffix = node.pod.slice(-5);
    const common = {
      node: node.name,
      ip: addressOf(node),
      createdAt: Math.round(node.process.startTime * 1000),
    };
    return [
      { ...common, name: node.pod, app: 'aws-node', serviceAccount: 'aws-node', containers: 2 },
      {
        ...common,
        name: `kube-proxy-${suffix}`,
        app: 'kube-proxy',
        serviceAccount: 'kube-proxy',
        containers: 1,
      },
    ];
  });
  const coredns = fleet.nodes().slice(0, 2);
  const [first] = pods;
  return [
    ...pods,
    ...coredns.map(({ pod, name, ip, process }) => ({
      name: `coredns-6b9575c64c-${pod.slice(-5)}`,
      app: 'kube-dns',
      serviceAccount: 'coredns',
      containers: 1,
      node: name,
      ip,
      createdAt: Math.round(process.startTime * 1000),
    })),
    ...(first
      ? Array.from(mirrorPods, ([name, status]) => ({ ...first, name, serviceAccount: '', status }))
      : []),
  ]
    .map(({ app, ip, ...pod }): KubePod => {
      const fault = faults.get(pod.name);
      const reason = reasons.get(pod.name);
      const restarted = restarts.get(pod.name);
      return {
        ...pod,
        ip: fault === 'no-address' ? '' : ip,
        labels: { 'k8s-app': app },
        phase: phases.get(pod.name) ?? 'Running',
        ...(restarted && { restarts: restarted }),
        ...(fault && { fault }),
        ...(reason !== undefined && { status: reason }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An ipamd that ended and was started again in the same pod. */
function restartsOf(fleet: Fleet): ReadonlyMap<string, Restarts> {
  const restarts = new Map<string, Restarts>();
  for (const { pod, ended } of fleet.incarnations()) {
    if (ended !== undefined) restarts.set(pod, { count: (restarts.get(pod)?.count ?? 0) + 1, last: ended });
  }
  return restarts;
}

const created = ({ createdAt }: KubePod) => `${new Date(createdAt).toISOString().slice(0, 19)}Z`;

export function metadataOf(pod: KubePod): object {
  return {
    name: pod.name,
    namespace: POD_NAMESPACE,
    creationTimestamp: created(pod),
    labels: pod.labels,
  };
}

/** The parts of a core/v1 Pod that a reader of lists may ask for. */
export function podObject(pod: KubePod): object {
  const ready = pod.phase === 'Running';
  return {
    metadata: metadataOf(pod),
    spec: {
      nodeName: pod.node,
      hostNetwork: true,
      ...(pod.serviceAccount !== '' && { serviceAccountName: pod.serviceAccount }),
      containers: Array.from({ length: pod.containers }, (_, index) => ({ name: `container-${index}` })),
    },
    status: {
      phase: pod.phase,
      ...(pod.ip !== '' && { hostIP: pod.ip, podIP: pod.ip }),
      startTime: created(pod),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

const column = (name: string, type: string, description: string, priority = 0, format = '') => ({
  name,
  type,
  format,
  description,
  priority,
});

/** As the API server prints pods (pkg/printers/internalversion of Kubernetes). */
export const POD_COLUMNS = [
  column('Name', 'string', 'Name must be unique within a namespace.', 0, 'name'),
  column('Ready', 'string', 'The aggregate readiness state of this pod for accepting traffic.'),
  column('Status', 'string', 'The aggregate status of the containers in this pod.'),
  column('Restarts', 'string', 'The number of times the containers in this pod have been restarted.'),
  column('Age', 'string', 'CreationTimestamp is a timestamp representing the server time.'),
  column('IP', 'string', 'podIP address allocated to the pod.', 1),
  column('Node', 'string', 'NodeName indicates in which node this pod is scheduled.', 1),
  column('Nominated Node', 'string', 'nominatedNodeName is set only when this pod preempts other pods.', 1),
  column('Readiness Gates', 'string', 'If specified, all readiness gates will be evaluated.', 1),
] as const;

/** The cells of POD_COLUMNS. @param now epoch milliseconds */
export function podCells(pod: KubePod, now: number): readonly string[] {
  const { containers, phase, fault, restarts, status } = pod;
  const ready = phase === 'Running' ? containers - (fault === 'crash-looping' ? 1 : 0) : 0;
  return [
    pod.name,
    `${ready}/${containers}`,
    status ?? (fault && PRINTED[fault]) ?? phase,
    restarts ? `${restarts.count} (${humanDuration(now - restarts.last)} ago)` : '0',
    humanDuration(now - pod.createdAt),
    pod.ip || '<none>',
    pod.node || '<none>',
    '<none>',
    '<none>',
  ];
}

/** Instead of the phase. */
const PRINTED: { readonly [fault in PodFault]?: string } = {
  'crash-looping': 'CrashLoopBackOff',
  terminating: 'Terminating',
};

/** The conditions of a row; most rows have none. */
export function podConditions({ phase }: KubePod): object {
  const message = { Failed: 'The pod failed.', Succeeded: 'The pod has completed successfully.' };
  if (phase !== 'Failed' && phase !== 'Succeeded') return {};
  return {
    conditions: [{ type: 'Completed', status: 'True', reason: phase, message: message[phase] }],
  };
}
