import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLUSTER_ACCESS, LISTER_GROUP, READER_GROUP } from '../../lambda/contract.ts';
import { type Authority, createAuthority } from '../../local/certificates.ts';
import { ROOT } from '../support/documents.ts';
import { type Admin, createAdmin } from './admin.ts';
import { ADMIN_TOKEN, apiServerFlags, writeApiServerFiles } from './api-server-flags.ts';
import { startAuthenticator, webhookOf } from './authenticator.ts';
import { type Ipamd, ipamdAt } from './ipamd.ts';
import { ADVERTISED } from './network.ts';
import type { PartFiles } from './parts/find.ts';
import { startProgram } from './program.ts';
import { type Restartable, restartable } from './restartable.ts';
import { type Principal, STS_HOSTS, type Sts, startSts } from './sts.ts';

const run = promisify(execFile);

/**
 * A control plane of real parts: etcd, kube-apiserver, aws-iam-authenticator before a stand-in for STS, and a
 * server of ipamd's metrics behind the addresses of many pods. Both manifests of `infra/` are applied.
 */
export interface RealCluster {
  /** https URL */
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  readonly clusterName: string;
  /** The programs, for more of them. */
  readonly parts: PartFiles;
  /** Issues the certificates of the cluster. */
  readonly authority: Authority;
  readonly admin: Admin;
  readonly sts: Sts;
  readonly ipamd: Ipamd;
  readonly etcd: Restartable;
  /** http URL of etcd, which asks for no identity. */
  readonly etcdUrl: string;
  readonly authenticator: Restartable;
  readonly apiServer: Restartable;
  /** Whatever is put here is removed with the cluster. */
  readonly folder: string;
  /** Runs kubectl as a member of system:masters. @returns its output @throws Error with its errors */
  kubectl(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** A role that may read the metrics. */
export const READER: Principal & { readonly sessionToken: string } = {
  accessKeyId: 'ASIAREADER0000000001',
  secretAccessKey: 'reader-secret',
  sessionToken: 'reader-session/with+special=chars==',
  arn: 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics/local',
  userId: 'AROAREADER0000000001:local',
};

/** A role that may list the pods, and nothing else. */
export const LISTER: typeof READER = {
  accessKeyId: 'ASIALISTER0000000001',
  secretAccessKey: 'lister-secret',
  sessionToken: 'lister-session',
  arn: 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics-node/local',
  userId: 'AROALISTER0000000001:local',
};

const CLUSTER_NAME = 'real';
const PORTS = { api: 6443, etcd: 2379, etcdPeer: 2380, authenticator: 21362, ipamd: 61600 } as const;
const ENDPOINT = `https://127.0.0.1:${PORTS.api}`;
const ETCD = `http://127.0.0.1:${PORTS.etcd}`;
const MAPPINGS = [
  {
    roleARN: 'arn:aws:iam::111122223333:role/eks-cni-metrics',
    username: 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics/{{SessionName}}',
    groups: [READER_GROUP],
  },
  {
    roleARN: 'arn:aws:iam::111122223333:role/eks-cni-metrics-node',
    username: 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics-node/{{SessionName}}',
    groups: [LISTER_GROUP],
  },
  {
    roleARN: 'arn:aws:iam::111122223333:role/without-group',
    username: '{{SessionName}}',
    groups: [],
  },
];

/**
 * Starts all of it on fixed ports of the network namespace that this process runs in (main.ts).
 * @throws Error where a part does not serve in time, with the end of its log; nothing runs on then
 */
export async function startRealCluster(parts: PartFiles): Promise<RealCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const path = (name: string) => join(folder, name);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));

  const authority = await createAuthority('kubernetes');
  const ca = authority.certificate;
  const sts = await startSts(await authority.issue(STS_HOSTS));
  undo.defer(() => sts.close());
  for (const role of [READER, LISTER]) sts.principals.set(role.accessKeyId, role);
  const certificate = await authority.issue(['127.0.0.1', 'localhost', ADVERTISED]);
  writeApiServerFiles(folder, ca, certificate);

  const part = (start: Parameters<typeof restartable>[0]) => {
    const handle = restartable(start);
    undo.defer(() => handle.stop());
    return handle;
  };
  const ipamd = ipamdAt(PORTS.ipamd);
  const ipamdServer = part(() =>
    startProgram({
      file: parts['ipamd-metrics'],
      args: [`-control=127.0.0.1:${PORTS.ipamd}`],
      log: path('ipamd.log'),
      isReady: ipamd.isReady,
    }),
  );
  const etcd = part((flags) =>
    startProgram({
      file: parts.etcd,
      args: [
        `--data-dir=${path('etcd')}`,
        `--listen-client-urls=${ETCD}`,
        `--advertise-client-urls=${ETCD}`,
        `--listen-peer-urls=http://127.0.0.1:${PORTS.etcdPeer}`,
        '--unsafe-no-fsync',
        '--log-level=warn',
        ...flags,
      ],
      log: path('etcd.log'),
      isReady: () =>
        fetch(`${ETCD}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
    }),
  );
  const authenticator = part(() =>
    startAuthenticator({
      file: parts['aws-iam-authenticator'],
      folder: path('authenticator'),
      clusterName: CLUSTER_NAME,
      partition: 'aws',
      mapRoles: MAPPINGS,
      port: PORTS.authenticator,
      proxy: sts.proxy,
      caFile: path('ca.crt'),
    }),
  );
  const admin = createAdmin(ENDPOINT, ca, ADMIN_TOKEN);
  undo.defer(() => admin.close());
  const apiServer = part((flags) =>
    startProgram({
      file: parts['kube-apiserver'],
      args: [
        ...apiServerFlags({ folder, etcd: ETCD, port: PORTS.api, advertised: ADVERTISED }),
        `--authentication-token-webhook-config-file=${webhookOf(path('authenticator'))}`,
        ...flags,
      ],
      log: path('kube-apiserver.log'),
      isReady: admin.isReady,
    }),
  );
  await Promise.all([ipamdServer.start(), etcd.start(), authenticator.start()]);
  await apiServer.start();

  const kubectl = async (...args: string[]) => {
    const connection = [
      `--server=${ENDPOINT}`,
      `--certificate-authority=${path('ca.crt')}`,
      `--token=${ADMIN_TOKEN}`,
    ];
    const { stdout } = await run(parts.kubectl, [...connection, ...args], { env: { HOME: folder } });
    return stdout;
  };
  for (const { manifest } of Object.values(CLUSTER_ACCESS))
    await kubectl('apply', `--filename=${join(ROOT, manifest)}`);

  const cleanUp = undo.move();
  return {
    endpoint: ENDPOINT,
    ca,
    clusterName: CLUSTER_NAME,
    parts,
    authority,
    admin,
    sts,
    ipamd,
    etcd,
    etcdUrl: ETCD,
    authenticator,
    apiServer,
    folder,
    kubectl,
    close: () => cleanUp.disposeAsync(),
  };
}
