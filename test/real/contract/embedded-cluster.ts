import { eksToken } from '../../../lambda/adapters/aws/eks-token.ts';
import { READER_GROUP } from '../../../lambda/contract.ts';
import { type Access, LEAST_RIGHTS } from '../../../local/api-server/access.ts';
import type { PodFault } from '../../../local/api-server/pod-fault.ts';
import { startApiServer } from '../../../local/api-server/server.ts';
import { createAuthority } from '../../../local/certificates.ts';
import { createFleet, REGION } from '../../../local/simulation/fleet.ts';
import { type ContractCluster, type ContractPod, POD_KINDS, type PodKind } from './cluster.ts';
import { manualClock } from './manual-clock.ts';

const CLUSTER_NAME = 'embedded';
const KEY = { accessKeyId: 'ASIAEXAMPLE000000001', secretAccessKey: 'secret', sessionToken: 'session' };

/** Pods that are no faults, and so are made otherwise, have none here. */
const FAULTS: { readonly [kind in PodKind]?: PodFault } = {
  refused: 'refused',
  dropped: 'unreachable',
  unroutable: 'no-route',
  'unknown-network': 'no-network',
  addressless: 'no-address',
  'own-404': 'own-404',
  'own-500': 'own-500',
  'own-503': 'own-503',
  redirect: 'redirect',
  garbage: 'garbage',
  cut: 'reset',
  reset: 'connection-reset',
  eof: 'eof',
  'not-http': 'not-http',
  'crash-looping': 'crash-looping',
  terminating: 'terminating',
  pending: 'no-address',
};

const RESTARTS: { readonly [kind in PodKind]?: number } = { 'crash-looping': 12, restarted: 3 };

/** The embedded API server with the pods of the contract, at a time that passes by hand. */
export async function embeddedContractCluster(): Promise<ContractCluster> {
  const clock = manualClock(Date.UTC(2026, 10, 22, 14));
  const fleet = createFleet({ nodes: POD_KINDS.length, seed: 7, now: clock.now() });
  const keys: Access['keys'] = new Map([[KEY.accessKeyId, KEY]]);
  const access: Access = {
    clusterName: CLUSTER_NAME,
    region: REGION,
    keys,
    mapped: true,
    groups: [READER_GROUP],
    rights: new Set(LEAST_RIGHTS),
  };
  const authority = await createAuthority('embedded cluster');
  const certificate = await authority.issue(['127.0.0.1']);
  const server = await startApiServer({ fleet, access, certificate, now: clock.now, wait: clock.wait });

  const pods = new Map<PodKind, ContractPod>();
  for (const [index, { pod, ip, name }] of fleet.nodes().entries()) {
    const kind = POD_KINDS[index];
    if (kind === undefined) continue;
    const fault = FAULTS[kind];
    if (fault) server.faults.pods.set(pod, fault);
    pods.set(kind, { name: pod, ip: fault === 'no-address' ? '' : ip, node: name });
    for (let count = 0; count < (RESTARTS[kind] ?? 0); count += 1) fleet.restart(pod);
  }
  const nameOf = (kind: PodKind) => pods.get(kind)?.name ?? '';
  server.faults.phases.set(nameOf('pending'), 'Pending').set(nameOf('failed'), 'Failed');

  return {
    endpoint: server.endpoint,
    ca: authority.certificate,
    clusterName: CLUSTER_NAME,
    pods,
    authorization: () =>
      eksToken({
        clusterName: CLUSTER_NAME,
        region: REGION,
        credentials: async () => KEY,
        clock,
      }).authorization(),
    setKnown(known) {
      if (known) keys.set(KEY.accessKeyId, KEY);
      else keys.delete(KEY.accessKeyId);
    },
    pass: clock.pass,
    untilDialing: clock.untilAwaited,
    async expire(token) {
      server.expireLists();
      return token;
    },
    close: () => server.close(),
  };
}
