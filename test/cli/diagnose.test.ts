import { expect, onTestFinished, test } from 'vitest';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { startTestCluster, type TestCluster } from '../support/api-server.ts';
import { PATH_TO_PODS } from '../support/diagnosis-steps.ts';
import { base64, writeKubeconfig } from '../support/kubeconfig.ts';
import { runCli } from '../support/run-cli.ts';

async function startCluster() {
  // Signatures and clocks are judged by the time of this machine.
  const cluster = await startTestCluster({ nodes: 4, now: Date.now() });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  return cluster;
}

const kubeconfigOf = ({ server, ca, authorization }: TestCluster, changes: object = {}) =>
  writeKubeconfig(
    { server: server.endpoint, 'certificate-authority-data': base64(ca), ...changes },
    { token: authorization.replace('Bearer ', '') },
  );

test('a healthy cluster: every step from this machine to the last pod', async () => {
  const KUBECONFIG = kubeconfigOf(await startCluster());
  const { code, stdout, stderr } = await runCli(['diagnose', '--context', 'blue'], { KUBECONFIG });
  expect([code, stderr]).toEqual([0, '']);
  expect([...stdout.matchAll(/^ {2}✓ ([a-z-]+)/gm)].map(([, name]) => name)).toEqual(PATH_TO_PODS);
  expect(stdout).toMatch(/\n\nHealthy\n\n$/);
});

test.each<{
  what: string;
  spoil: (cluster: TestCluster) => unknown;
  changes?: object;
  failed: string;
  cause: string;
  remedy: string;
}>([
  {
    what: 'does not know the token',
    spoil: ({ access }) => {
      access.mapped = false;
    },
    failed: 'authentication',
    cause: 'access-entry-missing: the API server does not accept these credentials (401)',
    remedy: 'Check what kubectl --context blue auth whoami prints; its identity needs an access entry.',
  },
  {
    what: 'forbids the list',
    spoil: ({ access }) => access.rights.delete('list pods'),
    failed: 'authorization',
    cause: 'rbac-missing: this identity lacks rights that the collector needs',
    remedy: 'Ask for the rights of infra/rbac.yaml: list pods and get pods/proxy in kube-system.',
  },
  {
    what: 'has another name',
    spoil: () => undefined,
    changes: { server: 'https://0123456789abcdef.gr7.eu-central-1.eks.invalid' },
    failed: 'dns',
    cause: 'dns-unresolved: the name of the API server does not resolve on this machine',
    remedy:
      'Write the context again, for example with aws eks update-kubeconfig. A private endpoint resolves only inside its VPC.',
  },
])(
  'a cluster that $what: the step, and what a person can do',
  async ({ spoil, changes, failed, cause, remedy }) => {
    const cluster = await startCluster();
    await spoil(cluster);
    const KUBECONFIG = kubeconfigOf(cluster, changes);
    const { code, stdout } = await runCli(['diagnose', '--context', 'blue', '--json'], { KUBECONFIG });
    expect(code).toBe(1);
    const { healthy, steps }: Diagnosis = JSON.parse(stdout);
    expect(healthy).toBe(false);
    expect(steps.map(({ name }) => name)).toEqual(PATH_TO_PODS);
    expect(steps.find(({ status }) => status === 'failed')).toMatchObject({ name: failed, cause, remedy });
  },
);

test('with --json, what ends it before its first step is JSON as well', async () => {
  const KUBECONFIG = kubeconfigOf(await startCluster());
  const { code, stdout, stderr } = await runCli(['diagnose', '--context', 'green', '--json'], { KUBECONFIG });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    failure: {
      code: 'config-invalid',
      what: "the kubeconfig has no context 'green'",
      remedy: "Use one of its contexts: 'far', 'blue'.",
    },
  });
  expect(stderr).toMatch(/^config-invalid: /);
});
