import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, onTestFinished, test } from 'vitest';
import { CniMetricsStack } from '../../infra/stack.ts';
import type { Report } from '../../lambda/collect/report.ts';
import type { Datum } from '../../local/aws/metric-data.ts';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';
import { expectedSecondCycle, type Moment, subnetsNow } from '../support/expected-cycle.ts';
import { startLambda } from '../support/lambda-runtime.ts';
import { checkedApp, EXAMPLE, resourcesOf } from '../support/stack-template.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

/** The function as the synth hands it to Lambda: its asset, alone in a folder, and its configuration. */
function synthesize() {
  const app = checkedApp();
  const stack = new CniMetricsStack(app, EXAMPLE);
  const { directory } = app.synth();
  const [lambda = {}] = resourcesOf(Template.fromStack(stack), 'AWS::Lambda::Function');
  const { files } = JSON.parse(readFileSync(join(directory, `${stack.stackName}.assets.json`), 'utf8'));
  const [hash] = String(Object(lambda.Code).S3Key).split('.');
  const root = temporaryFolder();
  cpSync(join(directory, files[hash ?? ''].source.path), root, { recursive: true });
  const { Handler, MemorySize, Timeout } = lambda;
  return { root, handler: String(Handler), memoryMb: Number(MemorySize), timeoutMs: 1000 * Number(Timeout) };
}

const momentOf = (fleet: Fleet): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(),
  subnets: subnetsNow(fleet),
});

/** As CloudWatch took it, in the words of the collector. */
function metricOf({ name, unit, dimensions, value, values, counts, statistics }: Datum) {
  const { SUBNET_ID } = dimensions;
  return {
    name,
    unit,
    ...(SUBNET_ID && { dimensions: { SUBNET_ID } }),
    ...(value !== undefined && { value }),
    ...(values && { values, counts }),
    ...(statistics && {
      statistics: {
        sampleCount: statistics.SampleCount,
        sum: statistics.Sum,
        minimum: statistics.Minimum,
        maximum: statistics.Maximum,
      },
    }),
  };
}

const inOrder = <M extends { name: string; dimensions?: { SUBNET_ID: string } }>(metrics: readonly M[]) =>
  metrics.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
const key = (metric: { name: string; dimensions?: { SUBNET_ID: string } }) =>
  `${metric.name} ${metric.dimensions?.SUBNET_ID ?? ''}`;

test("the asset of the synth, under AWS's own runtime client, publishes what the cluster's simulator knows", async () => {
  const deployed = synthesize();
  // The function lives by the clock of this machine, so the cluster starts at it.
  const cluster = await startEmbeddedCluster({ nodes: 40, seed: 115, now: Date.now() });
  onTestFinished(() => cluster.close());
  const lambda = await startLambda(deployed, cluster);

  const cycle = async () => {
    const moment = momentOf(cluster.fleet);
    const scheduledTime = new Date(moment.time).toISOString();
    const event = { scheduledTime, executionId: 'e', attemptNumber: '1' };
    return { moment, report: await lambda.invoke(event) };
  };
  const { moment: first } = await cycle();
  cluster.fleet.advance(60_000);
  const { moment: second, report } = await cycle();

  const [, put] = cluster.cloudwatch.puts;
  expect(put?.namespace).toBe('Kubernetes');
  expect(new Set(put?.datums.map(({ time }) => time))).toEqual(new Set([second.time]));
  const published = (put?.datums ?? []).map(metricOf).filter(({ name }) => name !== 'collectDuration');
  expect(inOrder(published)).toEqual(inOrder(expectedSecondCycle(first, second)));

  const { stdout, stderr } = await lambda.end();
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): Partial<Report> & { message: string } => JSON.parse(line));
  expect(lines.filter(({ message }) => message === 'cycle')).toHaveLength(2);
  expect(lines.at(-1)).toMatchObject(Object(report));
  expect(stderr).toBe('');
});
