import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { kubeCluster } from '../../cli/kube-cluster.ts';
import { errorForKubeconfig, kubectlFor, stepForKubeconfig } from '../../cli/remedies.ts';
import { rememberSecret } from '../../lambda/domain/redact.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { base64, printing, writeKubeconfig } from '../support/kubeconfig.ts';
import { temporaryFolder } from '../support/temporary-files.ts';
import { authority } from '../support/tls-server.ts';

const MAX_CPU_MS = 2_000;

/** What is said of a context that cannot be used, and the processor time it took. */
async function refusal(cluster: object, user: object, context = 'blue') {
  vi.stubEnv('KUBECONFIG', writeKubeconfig(cluster, user));
  const before = process.cpuUsage();
  const error: unknown = await kubeCluster(context).catch((reason: unknown) => reason);
  const { user: own, system } = process.cpuUsage(before);
  vi.unstubAllEnvs();
  return { message: error instanceof Error ? error.message : 'none', cpuMs: (own + system) / 1000 };
}

const CLUSTER = async () => ({
  server: 'https://localhost:1',
  'certificate-authority-data': base64((await authority).certificate),
});

/** An exec plug-in that writes this to stderr and fails. */
const failing = (text: string) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', 'process.stderr.write(eval(process.argv[1])); process.exitCode = 1', text],
    interactiveMode: 'Never',
  },
});

test.each([
  {
    what: 'acts on a terminal',
    text: String.raw`'\x1b[2J\x9b31m\u202eno\nlogin'`,
    shown: String.raw`\u{1b}[2J\u{9b}31m\u{202e}no login`,
  },
  {
    what: 'is 2 MB of blanks',
    text: `'x-amz-security-token:' + ' '.repeat(2e6)`,
    shown: 'x-amz-security-token:',
  },
  { what: 'is a token', text: `'Bearer ' + 'x'.repeat(1e5)`, shown: 'Bearer [token]' },
])('what an exec plug-in says, cut and printable, when it $what', async ({ text, shown }) => {
  const { message, cpuMs } = await refusal(await CLUSTER(), failing(text));
  expect(message).toContain(shown);
  expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(message.length).toBeLessThan(10_000);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
});

test.each([
  {
    what: 'the command of gcp',
    provider: (write: string) => ({
      name: 'gcp',
      config: { 'cmd-path': process.execPath, 'cmd-args': `-e "${write}"` },
    }),
  },
  {
    what: 'the command of azure',
    provider: (write: string) => ({
      name: 'azure',
      config: { 'cmd-path': process.execPath, 'cmd-args': `-e "${write}"` },
    }),
  },
  {
    what: 'a plug-in in its configuration',
    provider: (write: string) => ({
      name: 'exec',
      config: { exec: { command: process.execPath, args: ['-e', write] } },
    }),
  },
])(
  'an auth-provider, whose program writes to the terminal itself, is not started: $what',
  async ({ provider }) => {
    const started = join(temporaryFolder(), 'started');
    const write = `require('fs').writeFileSync('${started}', '')`;
    const { message } = await refusal(await CLUSTER(), { 'auth-provider': provider(write) });
    expect(existsSync(started)).toBe(false);
    expect(message).toContain("context 'blue' asks for an authentication provider (auth-provider)");
  },
);

test.each(['\n', '\0', '\u2028', '\xe9'])(
  'a token with %j, which no header can have, is refused and not shown: it would end the process or be left out',
  async (character) => {
    const token = `a-secret${character}X: y`;
    const plugIn = { exec: printing(JSON.stringify({ status: { token } })) };
    for (const user of [{ token }, plugIn]) {
      const { message } = await refusal(await CLUSTER(), user);
      expect(message).toBe(
        "credentials-missing: the token of user 'me' has characters that no header can have. Correct the kubeconfig, or what its exec plug-in prints.",
      );
    }
  },
);

test('a context whose name acts on a terminal', async () => {
  const { message } = await refusal(await CLUSTER(), { token: 'x' }, 'blue\x9b31m\u202e');
  expect(message).toContain(String.raw`no context 'blue\u{9b}31m\u{202e}'`);
});

test('a cluster whose name acts on a terminal', async () => {
  const path = writeKubeconfig(await CLUSTER(), { token: 'a token' });
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('blue-cluster', 'blue\x9b31m\u202e'));
  vi.stubEnv('KUBECONFIG', path);
  expect((await kubeCluster('blue')).name).toBe(String.raw`blue\u{9b}31m\u{202e}`);
});

test('a context whose name would act in a shell is not in the commands to copy, as redacting a token can end a quote', () => {
  const context = `prod'production; id #`;
  rememberSecret(String.raw`\''production`);
  const { remedy } = errorForKubeconfig(new CollectorError('api-unauthorized', 'x'), context);
  const step = {
    name: 'authentication',
    status: 'failed',
    ms: 1,
    seen: '',
    cause: 'access-entry-missing: x',
  } as const;
  for (const text of [remedy, stepForKubeconfig(step, context).remedy])
    expect(text).toMatch(/^Check what kubectl --context NAME auth whoami prints;/);
  expect(kubectlFor('arn:aws:eks:eu-central-1:111122223333:cluster/blue')).toMatch(/ arn:[\w:/-]+$/);
});

test('a server, and a user, whose texts act on a terminal', async () => {
  const { message } = await refusal({ ...(await CLUSTER()), server: 'http://\x9b31m' }, { token: 'x' });
  expect(message).toContain('a server without https://');
  expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});
