import { setTimeout } from 'node:timers/promises';
import { eksToken } from '../../../lambda/adapters/aws/eks-token.ts';
import { READER_GROUP } from '../../../lambda/contract.ts';
import { READER, type RealCluster } from '../cluster.ts';
import type { IpamdMode } from '../ipamd.ts';
import { NETWORKS } from '../network.ts';
import { containerStatus, createPod, terminatePod } from '../pods.ts';
import { type ContractCluster, type ContractPod, POD_KINDS, type PodKind } from './cluster.ts';

interface Kind {
  readonly network?: keyof typeof NETWORKS;
  readonly mode?: IpamdMode;
  readonly addressless?: boolean;
  readonly status?: object;
}

const statuses = (awsNode: object) => ({
  containerStatuses: [containerStatus('aws-node', awsNode), containerStatus('aws-eks-nodeagent')],
});

const ENDED = { terminated: { exitCode: 1, finishedAt: '2026-11-20T10:05:00Z' } };

const KINDS: Readonly<Record<PodKind, Kind>> = {
  healthy: { mode: '' },
  refused: { mode: 'closed' },
  dropped: { network: 'dropped' },
  unroutable: { network: 'unroutable' },
  'unknown-network': { network: 'unknown' },
  addressless: { addressless: true },
  'own-404': { mode: '404' },
  'own-500': { mode: '500' },
  'own-503': { mode: '503' },
  redirect: { mode: 'redirect' },
  garbage: { mode: 'garbage' },
  cut: { mode: 'cut' },
  reset: { mode: 'reset' },
  eof: { mode: 'eof' },
  'not-http': { mode: 'not-http' },
  'crash-looping': {
    status: statuses({
      ready: false,
      restartCount: 12,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: ENDED,
    }),
  },
  restarted: {
    mode: '',
    status: statuses({
      restartCount: 3,
      lastState: ENDED,
    }),
  },
  terminating: {},
  pending: { addressless: true, status: { phase: 'Pending', containerStatuses: [] } },
  failed: { status: { phase: 'Failed', containerStatuses: [] } },
};

const POLICY_REFRESH_MS = 3_000;

/** Creates the pods of the contract in a real cluster. */
export async function realContractCluster(cluster: RealCluster): Promise<ContractCluster> {
  const { admin, clusterName, sts, endpoint, ca } = cluster;
  // The contract is about the API server; the admission policy has a scenario of its own.
  await cluster.kubectl('delete', 'validatingadmissionpolicybinding', READER_GROUP);
  const pods = new Map<PodKind, ContractPod>();
  for (const [index, kind] of POD_KINDS.entries()) {
    const { network = 'local', mode, addressless, status } = KINDS[kind];
    const address = `${NETWORKS[network]}.0.${index + 1}`;
    const pod = { name: `aws-node-${kind}`, ip: addressless ? '' : address, node: `node-${index}` };
    if (mode !== undefined) await cluster.ipamd.set({ [address]: { mode } });
    await createPod(admin, { ...pod, ...(status && { status }) });
    if (kind === 'terminating') await terminatePod(admin, pod.name);
    pods.set(kind, pod);
  }
  // The API server looks for changed policies every second.
  await setTimeout(POLICY_REFRESH_MS);
  return {
    endpoint,
    ca,
    clusterName,
    pods,
    authorization: () =>
      eksToken({
        clusterName,
        region: 'eu-central-1',
        credentials: async () => READER,
        clock: { now: Date.now },
      }).authorization(),
    setKnown(known) {
      if (known) sts.principals.set(READER.accessKeyId, READER);
      else sts.principals.delete(READER.accessKeyId);
    },
    pass: (ms) => setTimeout(ms),
    // It does not say when it dials, but does so at once.
    untilDialing: async () => {},
    async expire(token) {
      // The newest revision is never too old.
      await cluster.kubectl('annotate', 'pod', '--namespace=kube-system', 'aws-node-healthy', 'changed=true');
      await compactEtcd(cluster);
      // The API server goes on with a list that it remembers, whatever etcd has.
      await cluster.apiServer.stop();
      await cluster.apiServer.start();
      return token;
    },
    close: async () => {},
  };
}

/** So that etcd has its newest revision only. */
async function compactEtcd({ etcdUrl }: RealCluster): Promise<void> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${etcdUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`);
    return response.text();
  };
  const { revision } = JSON.parse(await post('/v3/kv/range', { key: 'AA==' })).header;
  await post('/v3/kv/compaction', { revision, physical: true });
}
