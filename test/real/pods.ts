import { METRICS_PORT } from '../../lambda/contract.ts';
import type { Admin } from './admin.ts';

/** An aws-node pod. */
export interface RealPod {
  readonly name: string;
  /** Empty: none yet. */
  readonly ip: string;
  readonly node: string;
  /** Laid over the status of a pod that runs. */
  readonly status?: object;
}

const PODS = '/api/v1/namespaces/kube-system/pods';
const MERGE = 'application/merge-patch+json';
const STARTED = '2026-11-20T10:00:00Z';
const CONTAINERS = ['aws-node', 'aws-eks-nodeagent'];

/** @throws Error with the API server's answer */
export async function createPod(admin: Admin, { name, ip, node, status }: RealPod): Promise<void> {
  await admin.send('POST', PODS, {
    metadata: { name, labels: { 'k8s-app': 'aws-node' } },
    spec: {
      hostNetwork: true,
      nodeName: node,
      serviceAccountName: 'aws-node',
      terminationGracePeriodSeconds: 0,
      containers: CONTAINERS.map((container) => ({
        name: container,
        image: 'none',
        ...(container === 'aws-node' && {
          ports: [{ name: 'metrics', containerPort: METRICS_PORT, hostPort: METRICS_PORT }],
        }),
      })),
    },
  });
  // A PUT without the labels would remove them.
  await admin.send('PATCH', `${PODS}/${name}/status`, { status: { ...running(ip), ...status } }, MERGE);
}

/** Deletes a pod that nothing holds, at once. */
export async function deletePod(admin: Admin, name: string): Promise<void> {
  await admin.send('DELETE', `${PODS}/${name}?gracePeriodSeconds=0`);
}

/** Deletes a pod that stays: a finalizer holds it. */
export async function terminatePod(admin: Admin, name: string): Promise<void> {
  await admin.send('PATCH', `${PODS}/${name}`, { metadata: { finalizers: ['example.com/hold'] } }, MERGE);
  await deletePod(admin, name);
}

/** Of a container. */
export const containerStatus = (name: string, more: object = {}) => ({
  name,
  ready: true,
  restartCount: 0,
  image: 'none',
  imageID: 'none',
  state: { running: { startedAt: STARTED } },
  ...more,
});

function running(ip: string): object {
  return {
    phase: 'Running',
    ...(ip !== '' && { podIP: ip, hostIP: ip, podIPs: [{ ip }], hostIPs: [{ ip }] }),
    startTime: STARTED,
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: CONTAINERS.map((name) => containerStatus(name)),
  };
}
