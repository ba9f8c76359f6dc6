import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import { kubeCluster } from '../../cli/kube-cluster.ts';
import { createAuthority } from '../../local/certificates.ts';
import { startTestCluster } from '../support/api-server.ts';
import { deadlineIn } from '../support/deadline.ts';
import { base64, printing, writeKubeconfig } from '../support/kubeconfig.ts';
import { apiOver } from '../support/served-api.ts';
import { temporaryFolder } from '../support/temporary-files.ts';
import { startServer } from '../support/tls-server.ts';

const cluster = await startTestCluster();
const { server, fleet, access, ca, authorization } = cluster;
const NOW = fleet.now();
const PODS = fleet.nodes().map(({ pod }) => pod);
const [, TOKEN = ''] = authorization.split(' ');
const BLUE = { server: server.endpoint, 'certificate-authority-data': base64(ca) };

afterAll(() => server.close());

/** The collector's client on the context `blue` of such a kubeconfig. */
async function enter(clusterEntry: object, user: object, context = 'blue') {
  const path = writeKubeconfig(clusterEntry, user);
  vi.stubEnv('KUBECONFIG', path);
  const cluster = await kubeCluster(context);
  return { path, ...cluster, ...apiOver(cluster) };
}

/** An exec plug-in that signs its tokens at these times, one a run, and how often it ran. */
function plugIn(...signedAt: number[]) {
  const runs = join(temporaryFolder(), 'runs');
  writeFileSync(runs, '');
  const [[accessKeyId, key] = []] = access.keys;
  const env = {
    RUNS: runs,
    SIGNED_AT: signedAt.join(' '),
    CLUSTER: access.clusterName,
    REGION: access.region,
    KEY: JSON.stringify({ accessKeyId, ...key }),
  };
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: process.execPath,
    args: [join(import.meta.dirname, '../support/exec-plug-in.ts')],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  };
  return { user: { exec }, runs: () => readFileSync(runs, 'utf8').split('\n').length - 1 };
}

const listed = async ({ api }: Pick<Awaited<ReturnType<typeof enter>>, 'api'>) =>
  (await api.listPods(deadlineIn())).map(({ name }) => name);

test('a context with a token leads to its cluster, whatever the current one is', async () => {
  const blue = await enter(BLUE, { token: TOKEN });
  expect(blue.name).toBe('blue-cluster');
  expect(await listed(blue)).toEqual(PODS);
  for (const pod of PODS) expect(await blue.read(pod)).toBe(fleet.exposition(pod));
});

test('files are found beside the kubeconfig', async () => {
  const path = writeKubeconfig(
    { server: server.endpoint, 'certificate-authority': 'ca.crt' },
    { token: TOKEN },
  );
  writeFileSync(join(dirname(path), 'ca.crt'), ca);
  vi.stubEnv('KUBECONFIG', path);
  const cluster = await kubeCluster('blue');
  vi.unstubAllEnvs();
  expect(await listed(apiOver(cluster))).toEqual(PODS);
});

test('an exec plug-in with a relative path is the one beside the kubeconfig, not one of the working directory', async () => {
  const credential = { kind: 'ExecCredential', status: { token: TOKEN } };
  const path = writeKubeconfig(BLUE, { exec: { command: './bin/plug-in' } });
  mkdirSync(join(dirname(path), 'bin'));
  const plugIn = `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`;
  writeFileSync(join(dirname(path), 'bin/plug-in'), plugIn, { mode: 0o700 });
  vi.stubEnv('KUBECONFIG', path);
  expect(await listed(apiOver(await kubeCluster('blue')))).toEqual(PODS);
});

test('of several files those that exist count, and of two entries with one name the first, as with kubectl', async () => {
  const user = { token: TOKEN };
  const files = [
    '/nowhere/config',
    writeKubeconfig(BLUE, user),
    writeKubeconfig({ ...BLUE, server: 'https://other.invalid' }, { token: 'other' }),
  ];
  vi.stubEnv('KUBECONFIG', files.join(delimiter));
  const { name, ...access } = await kubeCluster('blue');
  vi.unstubAllEnvs();
  expect(name).toBe('blue-cluster');
  expect(await listed(apiOver(access))).toEqual(PODS);
});

test('a token that was refused is looked up again', async () => {
  const blue = await enter(BLUE, { token: 'of yesterday' });
  const config = readFileSync(blue.path, 'utf8');
  writeFileSync(blue.path, config.replace('of yesterday', TOKEN));
  expect(await listed(blue)).toEqual(PODS);
});

test('an exec plug-in runs once for all requests', async () => {
  const { user, runs } = plugIn(NOW);
  const blue = await enter(BLUE, user);
  expect(await listed(blue)).toEqual(PODS);
  expect(await Promise.all(PODS.map((pod) => blue.read(pod)))).toEqual(PODS.map(fleet.exposition));
  expect(runs()).toBe(1);
});

test('when its token is refused it runs once more, for all that were refused', async () => {
  const { user, runs } = plugIn(NOW - 16 * 60_000, NOW);
  const blue = await enter(BLUE, user);
  expect(await Promise.all(PODS.map((pod) => blue.read(pod)))).toEqual(PODS.map(fleet.exposition));
  expect(await listed(blue)).toEqual(PODS);
  expect(runs()).toBe(2);
});

test('a plug-in that stays refused is asked no third time', async () => {
  const { user, runs } = plugIn(0, 0);
  const blue = await enter(BLUE, user);
  await expect(listed(blue)).rejects.toMatchObject({ code: 'api-unauthorized' });
  expect(runs()).toBe(2);
});

test.each([
  { from: 'the kubeconfig', inPlugIn: false },
  { from: 'a plug-in', inPlugIn: true },
])('a client certificate of $from is shown to the server', async ({ inPlugIn }) => {
  const users = await createAuthority('users');
  const { cert, key } = await users.issue(['admin']);
  const seen: unknown[] = [];
  const {
    access: { endpoint },
    port,
  } = await startServer(
    (request, response) => {
      seen.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
      response.end('up 1');
    },
    { clientCertificate: 'wanted' },
  );
  const answer = {
    kind: 'ExecCredential',
    status: { clientCertificateData: cert, clientKeyData: key },
  };
  const user = inPlugIn
    ? { exec: printing(JSON.stringify(answer)) }
    : { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const entry = {
    server: `https://localhost:${port}/`,
    'certificate-authority-data': base64(endpoint.ca),
  };
  const { read } = await enter(entry, user);
  for (const pod of PODS) expect(await read(pod)).toBe('up 1');
  expect(seen).toEqual(PODS.map(() => 'admin'));
});
