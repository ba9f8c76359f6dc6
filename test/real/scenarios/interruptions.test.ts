import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../../lambda/collect/report.ts';
import { createAuthority } from '../../../local/certificates.ts';
import { FunctionError } from '../built-function.ts';
import { READER } from '../cluster.ts';
import { type RealFunction, startRealFunction } from '../function.ts';
import { ADVERTISED } from '../network.ts';
import type { RealPod } from '../pods.ts';
import { addOne, createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';

const PODS = 40;
/** How long the API server remembers what a token was found to be. */
const TOKEN_CACHE_MS = 10_000;

const added = ({ metrics }: Report) => {
  const metric = metrics.find(({ name }) => name === 'addReqCount');
  return metric && 'value' in metric ? metric.value : 0;
};

/** The events that a cycle published: none where it fails. */
const publishedIn = (cycle: Promise<Report>): Promise<number> =>
  cycle.then(added, (error) => {
    if (error instanceof FunctionError) return 0;
    throw error;
  });

const codeOf = (cycle: Promise<Report>): Promise<string> =>
  cycle.then(
    () => 'none',
    (error) => (error instanceof FunctionError ? error.code : String(error)),
  );

describeReal('an interruption costs no event', (cluster) => {
  let lambda: RealFunction;
  let pods: readonly RealPod[] = [];
  beforeEach(async () => {
    pods = pods.length > 0 ? pods : await createReadablePods(cluster(), PODS);
    lambda = await startRealFunction(cluster());
    await lambda.cycle();
    await addOne(cluster(), pods);
  });
  afterEach(() => lambda[Symbol.asyncDispose]());

  test('the key is revoked during a cycle', async () => {
    const { sts } = cluster();
    // What the API server knows of the token ends now, so the next requests go to the authenticator again.
    await new Promise((resolve) => setTimeout(resolve, TOKEN_CACHE_MS));
    const during = publishedIn(lambda.cycle());
    sts.principals.delete(READER.accessKeyId);
    const first = await during;
    sts.principals.set(READER.accessKeyId, READER);
    expect(first + added(await lambda.cycle())).toBe(PODS);
  });

  test('the authenticator is away, then back', async () => {
    const { authenticator } = cluster();
    await authenticator.stop();
    await new Promise((resolve) => setTimeout(resolve, TOKEN_CACHE_MS));
    await expect(lambda.cycle()).rejects.toMatchObject({
      code: 'api-unauthorized',
      remedy: expect.stringContaining('authenticator of the control plane is down'),
    });
    await authenticator.start();
    expect(added(await lambda.cycle())).toBe(PODS);
  });

  test('the API server is away, then back', async () => {
    const { apiServer } = cluster();
    await apiServer.stop();
    expect(await codeOf(lambda.cycle())).toBe('api-unreachable');
    await apiServer.start();
    expect(added(await lambda.cycle())).toBe(PODS);
  });

  test('etcd is away, then back', async () => {
    const { etcd, admin } = cluster();
    await etcd.stop();
    {
      // The list hangs until the cycle's own limit.
      await using brief = await startRealFunction(cluster(), { timeoutMs: 10_000 });
      await expect(brief.cycle()).rejects.toMatchObject({
        code: 'api-failed',
        message: expect.stringContaining('no complete answer in time'),
      });
      const { steps } = await brief.diagnose();
      expect(steps.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['pods']);
    }
    await etcd.start();
    await expect.poll(() => admin.isReady(), { timeout: 60_000 }).toBe(true);
    expect(added(await lambda.cycle())).toBe(PODS);
  });

  test('the API server sends GOAWAY by chance', async () => {
    const { apiServer } = cluster();
    await apiServer.stop();
    await apiServer.start('--goaway-chance=0.02');
    for (let cycle = 1; cycle <= 5; cycle += 1) {
      const report = await lambda.cycle();
      expect([report.pods.read, added(report)]).toEqual([PODS, PODS]);
      await addOne(cluster(), pods);
    }
    await apiServer.stop();
    await apiServer.start();
  });

  test('the API server gets a renewed certificate of the same authority', async () => {
    const { apiServer, authority, folder } = cluster();
    const served = async () => {
      const { steps } = await lambda.diagnose();
      return steps.find(({ name }) => name === 'tls')?.status;
    };
    const { cert, key } = await authority.issue(['127.0.0.1', 'localhost', ADVERTISED]);
    await apiServer.stop();
    writeFileSync(join(folder, 'kube-apiserver.crt'), cert);
    writeFileSync(join(folder, 'kube-apiserver.key'), key);
    await apiServer.start();
    expect(added(await lambda.cycle())).toBe(PODS);
    expect(await served()).toBe('ok');
  });

  test('the API server gets a certificate of another authority, then one of its own again', async () => {
    const { apiServer, authority, folder } = cluster();
    const hosts = ['127.0.0.1', 'localhost', ADVERTISED];
    const serve = async ({ cert, key }: { readonly cert: string; readonly key: string }) => {
      writeFileSync(join(folder, 'kube-apiserver.crt'), cert);
      writeFileSync(join(folder, 'kube-apiserver.key'), key);
    };
    const other = await createAuthority('another');
    await apiServer.stop();
    await serve(await other.issue(hosts));
    const started = apiServer.start();
    await expect.poll(() => codeOf(lambda.cycle()), { timeout: 30_000 }).toBe('api-tls');
    const { steps } = await lambda.diagnose();
    expect(steps.find(({ status }) => status === 'failed')?.name).toBe('tls');
    await serve(await authority.issue(hosts));
    await started;
    expect(added(await lambda.cycle())).toBe(PODS);
  });
});
