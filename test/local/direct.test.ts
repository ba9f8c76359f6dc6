import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import { CLUSTER_ACCESS, type ScrapeWay } from '../../lambda/contract.ts';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { COUNTERS } from '../../lambda/domain/catalog.ts';
import { LEAST_RIGHTS } from '../../local/api-server/access.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
const REQUESTS = 'addReqCount';
const REQUESTED = COUNTERS.findIndex(({ family }) => family === 'awscni_add_ip_req_count');
const ADDRESSES = 'assignIPAddresses';

let cluster: EmbeddedCluster;

beforeEach(async () => {
  cluster = await startEmbeddedCluster({ nodes: 12, seed: 7, now: NOW, direct: true });
});
afterEach(() => cluster.close());

/** The function as a deployment with this setting has it: environment, group of the access entry, rights. */
function deploy(way: ScrapeWay) {
  const { SCRAPE_VIA: _, NODE_CIDRS: __, ...environment } = cluster.environment;
  cluster.access.groups = [CLUSTER_ACCESS[way].group];
  cluster.access.rights.clear();
  for (const right of way === 'node' ? ['list pods'] : LEAST_RIGHTS) cluster.access.rights.add(right);
  const view = way === 'node' ? cluster : { fleet: cluster.fleet, environment };
  return loadFunction(view, () => undefined);
}
type Invoke = Awaited<ReturnType<typeof deploy>>;

const tick = (invoke: Invoke) => invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
const minute = () => cluster.fleet.advance(60_000);
const shown = ({ metrics }: Report, name: string): number => {
  const metric = metrics.find((candidate) => candidate.name === name);
  return metric && 'value' in metric ? metric.value : Number.NaN;
};
const readings = () => cluster.fleet.nodes().map(({ pod }) => cluster.fleet.reading(pod));
const assigned = () => readings().reduce((sum, { gauges }) => sum + (gauges[0] ?? Number.NaN), 0);
/** Requests for addresses that all processes there ever were have counted. */
const requested = () =>
  cluster.fleet.incarnations().reduce((sum, { process }) => sum + (process.counters[REQUESTED] ?? 0), 0);

test('a cycle needs one right, and reads every node itself', async () => {
  const invoke = await deploy('node');
  expect([...cluster.access.rights]).toEqual(['list pods']);
  const report = await tick(invoke);
  expect(report).toMatchObject({ pods: { found: 12, read: 12, failed: 0 }, warnings: [] });
  expect(shown(report, ADDRESSES)).toBe(assigned());
  expect(cluster.apiServer.answered()).toBe(12);
  // The list.
  expect(cluster.apiServer.requests()).toBe(1);
});

test('a deployment that switches from one way to the other and back counts every event once', async () => {
  let published = 0;
  await tick(await deploy('api-server'));
  const before = requested();
  for (const way of ['api-server', 'node', 'node', 'api-server', 'node'] as const) {
    minute();
    const report = await tick(await deploy(way));
    expect(report).toMatchObject({ pods: { failed: 0 }, counters: { baselined: 0 } });
    expect(shown(report, ADDRESSES)).toBe(assigned());
    published += shown(report, REQUESTS);
  }
  expect(published).toBe(requested() - before);
});

test('a cycle between the new setting and its security group rules loses nothing', async () => {
  await tick(await deploy('api-server'));
  const before = requested();
  minute();
  for (const { pod } of cluster.fleet.nodes()) cluster.apiServer.faults.pods.set(pod, 'unreachable');
  const invoke = await deploy('node');
  await expect(tick(invoke)).rejects.toThrow(
    /^no-pods-read: none of 12 .* node-unreachable on 12 pods .* Allow tcp\/61678 from the security group of the function/,
  );
  minute();
  cluster.apiServer.faults.pods.clear();
  expect(shown(await tick(invoke), REQUESTS)).toBe(requested() - before);
});

test.each([
  ['unreachable', 'node-unreachable', /^Allow tcp\/61678 from the security group of the function/],
  ['refused', 'port-refused', /DISABLE_METRICS/],
  ['hang', 'node-slow', /overloaded/],
] as const)('a diagnosis tells nodes that are %s', async (fault, code, remedy) => {
  const invoke = await deploy('node');
  for (const { pod } of cluster.fleet.nodes()) cluster.apiServer.faults.pods.set(pod, fault);
  const { steps }: Diagnosis = Object(await invoke({ diagnose: true }));
  const found = Object.fromEntries(steps.map((step) => [step.name, step]));
  expect(found.authorization).toMatchObject({
    status: 'ok',
    seen: 'list pods in kube-system: allowed',
  });
  expect(found['scrape-one']).toMatchObject({ status: 'failed', remedy: expect.stringMatching(remedy) });
  expect(found['scrape-one']?.cause).toMatch(new RegExp(`^${code}:`));
  expect(found['scrape-all']?.cause).toMatch(new RegExp(`^${code}:`));
});

test('a diagnosis names the group and the manifest of this setting', async () => {
  const invoke = await deploy('node');
  cluster.access.rights.clear();
  const remedyOf = async () => {
    const { steps }: Diagnosis = Object(await invoke({ diagnose: true }));
    return steps.find(({ name }) => name === 'authorization')?.remedy;
  };
  expect(await remedyOf()).toBe('Run kubectl apply -f infra/rbac-node.yaml.');
});
