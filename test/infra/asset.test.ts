import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, onTestFinished, test } from 'vitest';
import { CniMetricsStack } from '../../infra/stack.ts';
import type { Report } from '../../lambda/collect/report.ts';
import type { Datum } from '../../local/aws/metric-data.ts';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';
import { expectedSecondCycle, type Moment, subnetsNow } from '../support/expected-cycle.ts';
import { type Outcome, startRuntimeApi } from '../support/runtime-api.ts';
import { checkedApp, EXAMPLE, resourcesOf } from '../support/stack-template.ts';

const RUNTIME_CLIENT = join(import.meta.dirname, '../../node_modules/aws-lambda-ric/index.mjs');
const ADDON = join(import.meta.dirname, '../support/runtime-client-addon.ts');

/** The function as the synth hands it to Lambda: its asset, alone in a folder, and its configuration. */
function synthesise() {
  const app = checkedApp();
  const stack = new CniMetricsStack(app, EXAMPLE);
  const { directory } = app.synth();
  const [lambda = {}] = resourcesOf(Template.fromStack(stack), 'AWS::Lambda::Function');
  const { files } = JSON.parse(readFileSync(join(directory, `${stack.stackName}.assets.json`), 'utf8'));
  const [hash] = String(Object(lambda.Code).S3Key).split('.');
  const root = mkdtempSync(join(tmpdir(), 'task-'));
  cpSync(join(directory, files[hash ?? ''].source.path), root, { recursive: true });
  const { Handler, MemorySize, Timeout } = lambda;
  return { root, handler: String(Handler), memoryMb: Number(MemorySize), timeoutMs: 1000 * Number(Timeout) };
}

const momentOf = (fleet: Fleet): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(),
  subnets: subnetsNow(fleet.subnets()),
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
  const { root, handler, memoryMb, timeoutMs } = synthesise();
  // The function lives by the clock of this machine, so the cluster starts at it.
  const cluster = await startEmbeddedCluster({ nodes: 40, seed: 115, now: Date.now() });
  const runtime = await startRuntimeApi('arn:aws:lambda:eu-central-1:111122223333:function:cni-metrics');
  const lambda = spawn(process.execPath, ['--import', ADDON, RUNTIME_CLIENT], {
    cwd: root,
    env: {
      ...cluster.environment,
      AWS_LAMBDA_RUNTIME_API: runtime.address,
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_FUNCTION_NAME: 'cni-metrics',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      LAMBDA_TASK_ROOT: root,
      _HANDLER: handler,
    },
  });
  const [stdout, stderr] = [text(lambda.stdout), text(lambda.stderr)];
  const ended = once(lambda, 'exit').then(async ([code]) => ({ error: `exit ${code}: ${await stderr}` }));
  onTestFinished(async () => {
    lambda.kill();
    await Promise.all([runtime.close(), cluster.close()]);
  });

  const cycle = async () => {
    const moment = momentOf(cluster.fleet);
    const scheduledTime = new Date(moment.time).toISOString();
    const event = { scheduledTime, executionId: 'e', attemptNumber: '1' };
    const outcome: Outcome = await Promise.race([runtime.invoke(event, timeoutMs), ended]);
    if ('error' in outcome) throw new Error(JSON.stringify(outcome.error));
    return { moment, report: outcome.response };
  };
  const { moment: first } = await cycle();
  cluster.fleet.advance(60_000);
  const { moment: second, report } = await cycle();

  const [, put] = cluster.cloudwatch.puts;
  expect(put?.namespace).toBe('Kubernetes');
  expect(new Set(put?.datums.map(({ time }) => time))).toEqual(new Set([second.time]));
  const published = (put?.datums ?? []).map(metricOf).filter(({ name }) => name !== 'collectDuration');
  expect(inOrder(published)).toEqual(inOrder(expectedSecondCycle(first, second)));

  lambda.kill();
  const lines = (await stdout)
    .trim()
    .split('\n')
    .map((line): Partial<Report> & { message: string } => JSON.parse(line));
  expect(lines.filter(({ message }) => message === 'cycle')).toHaveLength(2);
  expect(lines.at(-1)).toMatchObject(Object(report));
  expect(await stderr).toBe('');
});
