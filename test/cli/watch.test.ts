import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { realCluster } from '../../cli/real-cluster.ts';
import type { Report } from '../../lambda/collect/report.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import { createAuthority } from '../../local/certificates.ts';
import { startTestCluster, type TestCluster } from '../support/api-server.ts';
import { expectedSecondCycle, type Moment } from '../support/expected-cycle.ts';
import { base64, writeKubeconfig } from '../support/kubeconfig.ts';
import { MAIN, runCli } from '../support/run-cli.ts';

async function startCluster() {
  const cluster = await startTestCluster({ nodes: 6 });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  return cluster;
}

const entryOf = ({ server, ca }: TestCluster) => ({
  server: server.endpoint,
  'certificate-authority-data': base64(ca),
});
const userOf = ({ authorization }: TestCluster) => ({ token: authorization.replace('Bearer ', '') });

const momentOf = ({ fleet }: TestCluster): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(),
  subnets: new Map(),
});

const byName = (metrics: readonly Metric[]) =>
  metrics
    .filter(({ name }) => name !== 'collectDuration' && !name.startsWith('subnet'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

test('watch reads exact values in two cycles, and publishes nothing', async () => {
  const cluster = await startCluster();
  const KUBECONFIG = writeKubeconfig(entryOf(cluster), userOf(cluster));
  const first = momentOf(cluster);
  let log = '';
  const args = ['watch', '--context', 'blue', '--once', '--json', '--every', '1'];
  const { code, stdout } = await runCli(args, { KUBECONFIG }, (piece) => {
    // After the first cycle the cluster lives on: the second must tell what happened.
    if (log === '') cluster.fleet.advance(60_000);
    log += piece;
  });
  expect(code, log).toBe(0);
  const report: Report = JSON.parse(stdout);
  expect(report).toMatchObject({
    cluster: 'blue-cluster',
    clusterId: 'blue-cluster',
    pods: { found: cluster.fleet.nodes().length, failed: 0 },
    published: null,
    warnings: [],
  });
  expect(byName(report.metrics)).toEqual(byName(expectedSecondCycle(first, momentOf(cluster))));
  const lines = log.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['cycle', 'cycle']);
});

test('the page of a real cluster shows what was collected, and cannot be controlled', async () => {
  const cluster = await startCluster();
  const KUBECONFIG = writeKubeconfig(entryOf(cluster), userOf(cluster));
  const args = ['watch', '--context', 'blue', '--every', '1', '--port', '0'];
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, KUBECONFIG } });
  onTestFinished(() => void child.kill());
  const [first] = await once(child.stdout, 'data');
  const url = /^http:\/\/127\.0\.0\.1:\d+/.exec(stripVTControlCharacters(String(first)))?.[0];
  const get = async (path: string) => JSON.parse(await (await fetch(`${url}${path}`)).text());
  await expect.poll(async () => (await get('/api/state')).version, { timeout: 20_000 }).toBeGreaterThan(0);
  const { report, controls } = await get('/api/state');
  expect(report).toMatchObject({ clusterId: 'blue-cluster', pods: { read: 6 }, published: null });
  expect(controls).toBeUndefined();
  const { name, scenarios, alarms } = await get('/api/deployment');
  expect([name, scenarios]).toEqual(['cni-blue-cluster-local', []]);
  expect(alarms.map((alarm: { runbook: string }) => alarm.runbook)).not.toContain('');
  const refused = await fetch(`${url}/api/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true }),
  });
  expect(refused.status).toBe(409);
});

test('a person is shown the tables', async () => {
  const cluster = await startCluster();
  const KUBECONFIG = writeKubeconfig(entryOf(cluster), userOf(cluster));
  const args = ['watch', '--context', 'blue', '--once', '--every', '1'];
  const { code, stdout, stderr } = await runCli(args, { KUBECONFIG });
  expect([code, stderr]).toEqual([0, '']);
  const { host } = new URL(cluster.server.endpoint);
  const [introduction, one, two] = stdout.split(/^Cycle \d/m);
  expect(introduction).toBe(`Cluster "blue-cluster"  ·  ${host}  ·  read only  ·  every 1 s\n\n`);
  expect(one).toContain('6 of 6 pods read');
  expect(one).toContain('nothing published');
  expect(one).not.toContain('Events since the last cycle');
  expect(two).toContain('Events since the last cycle');
});

test('an unusable kubeconfig ends it with exit code 1 and one sentence', async () => {
  const KUBECONFIG = writeKubeconfig({ server: 'https://blue.invalid' }, {});
  const { code, stdout, stderr } = await runCli(['watch', '--context', 'green'], { KUBECONFIG });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    "config-invalid: the kubeconfig has no context 'green'. Use one of its contexts: 'far', 'blue'.\n",
  );
});

/** What the first cycle on the context `blue` says. */
async function failure(entry: object, user: object): Promise<Error> {
  vi.stubEnv('KUBECONFIG', writeKubeconfig(entry, user));
  const subject = await realCluster({ context: 'blue', everySeconds: 10 }, () => {});
  onTestFinished(subject.close);
  const { failure: found } = await subject.cycle(AbortSignal.timeout(60_000));
  return found ?? new Error('no failure');
}

test.each<{
  what: string;
  spoil: (cluster: TestCluster) => unknown;
  code: string;
  remedy: string;
}>([
  {
    what: 'does not exist',
    spoil: ({ server }) => server.close(),
    code: 'api-unreachable',
    remedy:
      'Check whether kubectl --context blue version works on this machine; a private endpoint needs a network path into its VPC.',
  },
  {
    what: 'does not know the token',
    spoil: ({ access }) => {
      access.mapped = false;
    },
    code: 'api-unauthorized',
    remedy: 'Check what kubectl --context blue auth whoami prints; its identity needs an access entry.',
  },
  {
    what: 'forbids the list',
    spoil: ({ access }) => access.rights.clear(),
    code: 'api-forbidden',
    remedy: 'Ask for the rights of infra/rbac.yaml: list pods and get pods/proxy in kube-system.',
  },
  {
    what: 'forbids the proxy',
    spoil: ({ access }) => access.rights.delete('get pods/proxy'),
    code: 'no-pods-read',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
  },
])('a server that $what is reported with what a person can do', async ({ spoil, code, remedy }) => {
  const cluster = await startCluster();
  await spoil(cluster);
  expect(await failure(entryOf(cluster), userOf(cluster))).toMatchObject({ code, remedy });
});

test('a server with the certificate of another CA is reported in the same way', async () => {
  const cluster = await startCluster();
  const { certificate: ca } = await createAuthority('another cluster');
  expect(await failure(entryOf({ ...cluster, ca }), userOf(cluster))).toMatchObject({
    code: 'api-tls',
    remedy: 'Check certificate-authority and the client certificate of the context in the kubeconfig.',
  });
});

test('a command ends with its result, whatever is still pending, such as an exec plug-in that waits for a login', async () => {
  const env = { NODE_OPTIONS: '--import data:text/javascript,setInterval(()=>{},1e6)' };
  const { code, stderr } = await runCli(['watch', '--context', 'blue'], { ...env, KUBECONFIG: '/nowhere' });
  expect([code, stderr]).toEqual([1, expect.stringContaining('there is no kubeconfig')]);
});

/** Makes whoever loads the Kubernetes client fail. */
const WITHOUT_CLIENT = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@kubernetes/')) throw new Error('client-node was loaded');
    return next(specifier, context);
  },
});`;

test('client-node is loaded only where a context is named', async () => {
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(WITHOUT_CLIENT)}` };
  const simulated = await runCli(['demo', '--once', '--json', '--nodes', '3'], env);
  expect(simulated.code, simulated.stderr).toBe(0);
  const real = await runCli(['watch', '--once', '--context', 'blue'], env);
  expect(real.stderr).toContain('client-node was loaded');
});
