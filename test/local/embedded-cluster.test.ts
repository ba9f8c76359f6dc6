import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import type { Handler } from '../../lambda/invoke.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

let cluster: EmbeddedCluster;
let invoke: Handler;

beforeEach(async () => {
  cluster = await startEmbeddedCluster({ nodes: 12, seed: 7, now: NOW });
  invoke = await loadFunction(cluster, () => undefined);
});
afterEach(() => cluster.close());

const tick = () => invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
const minute = () => cluster.fleet.advance(60_000);
const shown = ({ metrics }: Report, name: string) => {
  const metric = metrics.find((candidate) => candidate.name === name);
  return metric && 'value' in metric ? metric.value : undefined;
};
const REQUESTS = 'addReqCount';
/** What the simulated pods of now have requested in all. */
const requests = () =>
  new Map(cluster.fleet.nodes().map(({ pod }) => [pod, cluster.fleet.reading(pod).counters[6] ?? 0]));
const between = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) =>
  [...after].reduce((sum, [pod, count]) => sum + count - (before.get(pod) ?? 0), 0);

test('the report contains what CloudWatch received, with the simulated time', async () => {
  const report = await tick();
  const [put] = cluster.cloudwatch.puts;
  expect(put).toMatchObject({ namespace: 'Kubernetes' });
  expect(put?.datums.map(({ name }) => name).sort()).toEqual(report.metrics.map(({ name }) => name).sort());
  expect(new Set(put?.datums.map(({ time }) => time))).toEqual(new Set([NOW]));
  expect(put?.datums[0]?.dimensions).toEqual({ CLUSTER_ID: 'embedded' });
  expect(report).toMatchObject({ pods: { found: 12, read: 12, failed: 0 }, warnings: [] });
});

test('a cold start continues from the state in S3', async () => {
  await tick();
  const before = requests();
  minute();
  invoke = await loadFunction(cluster, () => undefined);
  const report = await tick();
  expect(shown(report, REQUESTS)).toBe(between(before, requests()));
  expect(report.counters.baselined).toBe(0);
});

test('a publish that fails loses nothing: the next cycle covers both intervals', async () => {
  await tick();
  const before = requests();
  minute();
  cluster.cloudwatch.faults.always = { status: 403, code: 'AccessDenied', message: 'may not PutMetricData' };
  await expect(tick()).rejects.toThrow('publish-failed: CloudWatch, namespace Kubernetes: AccessDenied');
  cluster.cloudwatch.faults.always = undefined;
  minute();
  expect(shown(await tick(), REQUESTS)).toBe(between(before, requests()));
});

test('without access to the state bucket, only the counters are withheld', async () => {
  await tick();
  minute();
  cluster.s3.rights.delete('s3:GetObject');
  invoke = await loadFunction(cluster, () => undefined);
  await expect(tick()).rejects.toThrow('state-failed');
  const names = cluster.cloudwatch.puts.at(-1)?.datums.map(({ name }) => name);
  expect(names).toContain('assignIPAddresses');
  expect(names).not.toContain(REQUESTS);
});

test('for a role without an access entry, the error says what to create', async () => {
  cluster.access.mapped = false;
  await expect(tick()).rejects.toThrow(/^api-unauthorized: .* Create an access entry/);
});
