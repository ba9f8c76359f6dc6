import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../../lambda/collect/report.ts';
import { SCRAPE_WAYS, type ScrapeWay } from '../../../lambda/contract.ts';
import type { RealCluster } from '../cluster.ts';
import { type RealFunction, startRealFunction } from '../function.ts';
import { deletePod, type RealPod } from '../pods.ts';
import { ADDS, addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

const metric = ({ metrics }: Report, name: string) => {
  const found = metrics.find((candidate) => candidate.name === name);
  return found && 'value' in found ? found.value : undefined;
};

const scenarios = (via: ScrapeWay) => (cluster: () => RealCluster) => {
  let lambda: RealFunction;
  let pods: readonly RealPod[] = [];
  beforeAll(async () => {
    pods = await createReadablePods(cluster(), 5);
    lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
  });
  afterAll(() => lambda?.[Symbol.asyncDispose]());

  test('reads every pod and publishes gauges in its first cycle', async () => {
    const report = await lambda.cycle();
    expect(report).toMatchObject({
      pods: { found: 5, read: 5, failed: 0, failures: [] },
      counters: { baselined: 5 },
      published: { requests: 1 },
      warnings: [],
    });
    expect(metric(report, 'assignIPAddresses')).toBe(20);
    expect(metric(report, 'warmIPAddresses')).toBe(40);
    expect(metric(report, 'addReqCount')).toBeUndefined();
    expect(lambda.cloudwatch.puts.map(({ datums }) => datums.length)).toEqual([report.published?.datums]);
  });

  test('publishes what was counted since, across a restart of ipamd', async () => {
    const { ipamd } = cluster();
    await addOne(cluster(), pods);
    const [first, second] = pods;
    await ipamd.add({ [first?.ip ?? '']: { values: { [ADDS]: 6 } } });
    expect(metric(await lambda.cycle(), 'addReqCount')).toBe(11);
    await ipamd.restart([second?.ip ?? '']);
    await ipamd.add({ [second?.ip ?? '']: { values: { [ADDS]: 3 } } });
    const report = await lambda.cycle();
    expect([metric(report, 'addReqCount'), report.counters.restarted]).toEqual([3, 1]);
  });

  test('publishes nothing in a dry run, and the events in the next cycle', async () => {
    await addOne(cluster(), pods);
    const before = lambda.cloudwatch.puts.length;
    const report = await lambda.cycle({ dryRun: true });
    expect([report.published, metric(report, 'addReqCount')]).toEqual([null, 5]);
    expect(lambda.cloudwatch.puts.length).toBe(before);
    expect(metric(await lambda.cycle(), 'addReqCount')).toBe(5);
  });

  test('names every pod where it is asked to', async () => {
    const { podLines } = await lambda.cycle({ verbose: true });
    expect(podLines).toEqual(
      pods.map(({ name, node }) => `${name} on ${node}: read, 4 of 12 addresses assigned`),
    );
  });

  test('finds nothing wrong in a diagnosis', async () => {
    const { healthy, steps } = await lambda.diagnose();
    expect(steps.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(healthy).toBe(true);
    const skipped = steps.filter(({ status }) => status === 'skipped').map(({ name }) => name);
    // The endpoint is given, and nothing of EC2 is asked for.
    expect(skipped).toEqual(['describe-cluster', 'ec2', 'addresses']);
  });

  test('loses no event when pods are deleted during a cycle', async () => {
    await addOne(cluster(), pods);
    const cycle = lambda.cycle();
    const gone = pods.slice(3);
    for (const { name } of gone) await deletePod(cluster().admin, name);
    const during = await cycle;
    expect(during.pods.failures.filter(({ code }) => code !== 'pod-gone')).toEqual([]);
    expect(metric(during, 'addReqCount')).toBe(during.pods.read);
    const after = await lambda.cycle();
    expect([after.pods.found, metric(after, 'addReqCount')]).toEqual([3, 0]);
  });
};

for (const via of SCRAPE_WAYS) describeReal(`the built function, via ${via}`, scenarios(via));
