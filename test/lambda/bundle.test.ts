import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import type { Report } from '../../lambda/collect/report.ts';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

const run = promisify(execFile);

const directory = temporaryFolder();
const { metafile } = await bundle(directory);
const cluster = await startEmbeddedCluster({ nodes: 5, seed: 3, now: Date.now() });
afterAll(async () => {
  await cluster.close();
});

/** Calls the bundle as a person would, in a process and a folder that know nothing of this repository. */
async function invoke(
  env: Readonly<Record<string, string>>,
  event: object,
): Promise<{ report: Report; log: string }> {
  const script = `
    import { handler } from './index.mjs';
    const report = await handler(${JSON.stringify(event)});
    process.stderr.write(JSON.stringify(report));
  `;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: directory,
    env,
  });
  return { report: JSON.parse(stderr), log: stdout };
}

test('the bundle contains nothing of the local cluster, the deployment or the tests', () => {
  const inputs = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'));
  expect(inputs).toContain('lambda/collect/collect.ts');
  expect(inputs.filter((file) => !/^(lambda\/|required:)/.test(file))).toEqual([]);
});

test('the bundle collects from any API server that speaks the protocol', async () => {
  const { CLUSTER_NAME = '', CLUSTER_ENDPOINT = '', CLUSTER_CA = '' } = cluster.environment;
  const aws = Object.fromEntries(
    Object.entries(cluster.environment).filter(([name]) =>
      /^AWS_(REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ENDPOINT_URL_CLOUDWATCH)$/.test(name),
    ),
  );
  const { report, log } = await invoke({ CLUSTER_NAME, CLUSTER_ENDPOINT, CLUSTER_CA, ...aws }, {});
  expect(report).toMatchObject({
    cluster: CLUSTER_NAME,
    pods: { found: 5, read: 5, failed: 0 },
    published: { sink: 'cloudwatch', requests: 1 },
    warnings: [{ code: 'state-in-memory' }],
  });
  expect(
    log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).message),
  ).toEqual(['warning', 'cycle']);
  const [put] = cluster.cloudwatch.puts;
  expect(put?.datums.length).toBe(report.published?.datums);
});

test('it asks EKS, EC2 and S3 for what is not configured', async () => {
  const { CLUSTER_ENDPOINT: _endpoint, CLUSTER_CA: _ca, ...env } = cluster.environment;
  const { report } = await invoke({ ...env, SUBNET_METRICS: 'true' }, { dryRun: true });
  expect(report).toMatchObject({ pods: { found: 5, read: 5 }, published: null, warnings: [] });
  expect(report.metrics.map(({ name }) => name)).toContain('subnetAvailableIPsMin');
});
