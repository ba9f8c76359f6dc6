import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAuthority } from '../../local/certificates.ts';
import { kubeCluster } from '../../local/kube-cluster.ts';
import { base64, printing, scratch, writeKubeconfig } from '../support/kubeconfig.ts';

const TOKEN = 'k8s-aws-v1.aHR0cHM6Ly9zdHMuZXhhbXBsZQ';
const SERVER = 'https://127.0.0.1:1';
const { certificate } = await createAuthority('blue');
const BLUE = { server: SERVER, 'certificate-authority-data': base64(certificate) };

/** What is said of a context, with this environment. */
async function failure(env: Readonly<Record<string, string>>, context = 'blue'): Promise<string> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return kubeCluster(context).then(
    () => 'no failure',
    ({ message }: Error) => message,
  );
}

const complain = (text: string) => ({
  command: process.execPath,
  args: ['-e', 'process.stderr.write(process.argv[1]); process.exitCode = 255', text],
});

const KUBECTL = 'See whether kubectl --context blue --namespace kube-system get pods works here.';
const ABLE = 'Use a context without it: the collector cannot do that.';
const CORRECT = 'Correct the kubeconfig.';

test.each<{ what: string; entry?: object; user?: object; context?: string; error: string }>([
  {
    what: 'a context that is not there',
    context: 'green',
    error: "config-invalid: the kubeconfig has no context 'green'. Name one that it has: 'far', 'blue'.",
  },
  {
    what: 'a context without its user',
    context: 'far',
    error: `config-invalid: context 'far' names the user 'nobody', which is not there. ${CORRECT}`,
  },
  {
    what: 'a server without TLS',
    entry: { ...BLUE, server: 'http://127.0.0.1:8001' },
    error: `config-invalid: context 'blue' asks for a server without https://. ${ABLE}`,
  },
  {
    what: 'a server nobody checks',
    entry: { ...BLUE, 'insecure-skip-tls-verify': true },
    error: `config-invalid: context 'blue' asks for insecure-skip-tls-verify. ${ABLE}`,
  },
  {
    what: 'a proxy',
    entry: { ...BLUE, 'proxy-url': 'socks5://127.0.0.1:1080' },
    error: `config-invalid: context 'blue' asks for a proxy (proxy-url). ${ABLE}`,
  },
  {
    what: 'another name',
    entry: { ...BLUE, 'tls-server-name': 'kubernetes' },
    error: `config-invalid: context 'blue' asks for another name in the certificate (tls-server-name). ${ABLE}`,
  },
  {
    what: 'basic authentication',
    user: { username: 'me', password: 'secret' },
    error: `config-invalid: context 'blue' asks for basic authentication (username). ${ABLE}`,
  },
  {
    what: 'impersonation',
    user: { token: TOKEN, as: 'somebody' },
    error: `config-invalid: context 'blue' asks for impersonation (as). ${ABLE}`,
  },
  {
    what: 'a cluster without a CA',
    entry: { server: SERVER },
    error: `config-invalid: cluster 'blue-cluster' has no certificate-authority. ${CORRECT}`,
  },
  {
    what: 'a user without credentials',
    user: { tokenFile: '/dev/null' },
    error: `config-invalid: user 'me' gives neither token nor client certificate (a tokenFile is not read). ${CORRECT}`,
  },
  {
    what: 'a client certificate without its key',
    user: { 'client-certificate-data': base64('certificate') },
    error: `config-invalid: user 'me' has half a client certificate: it takes cert and key. ${CORRECT}`,
  },
  {
    what: 'a client certificate that is not there',
    user: { 'client-certificate': '/nowhere/me.crt', 'client-key': '/nowhere/me.key' },
    error: `credentials-missing: no credentials of user 'me': ENOENT: no such file or directory, open '/nowhere/me.crt'. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that is not installed',
    user: { exec: { command: 'no-such-plug-in' } },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in no-such-plug-in): spawn no-such-plug-in ENOENT. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that fails',
    user: { exec: complain('\nThe SSO session has expired.\n') },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): The SSO session has expired. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that fails in silence',
    user: { exec: printing('', 3) },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): it failed without a word. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that prints a bare token',
    user: { exec: printing(TOKEN) },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): its answer is no ExecCredential. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that prints something else',
    user: { exec: printing('{}') },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): its answer is no ExecCredential. ${KUBECTL}`,
  },
])('$what is refused with a sentence', async ({ entry = BLUE, user = { token: TOKEN }, context, error }) => {
  expect(await failure({ KUBECONFIG: writeKubeconfig(entry, user) }, context)).toBe(error);
});

test.each([
  { what: 'that is not there', text: undefined, reason: 'ENOENT: no such file or directory, open ' },
  { what: 'that is no YAML', text: 'users: [{user: {token: secret}}', reason: '' },
  {
    what: 'without a server',
    text: '{"clusters":[{"name":"a","cluster":{}}]}',
    reason: 'clusters[0].cluster.server is missing',
  },
])('a kubeconfig $what is named, without a word of what is in it', async ({ text, reason }) => {
  const path = join(scratch(), 'config');
  if (text !== undefined) writeFileSync(path, text);
  const message = await failure({ KUBECONFIG: path });
  expect(message).toContain(`config-invalid: the kubeconfig cannot be read: ${reason}`);
  expect(message).toMatch(/[^:] *Correct the kubeconfig\.$/);
  expect(message).not.toContain('secret');
});

test('where there is no kubeconfig at all, it is said how to get one', async () => {
  expect(await failure({ KUBECONFIG: '', HOME: scratch() })).toBe(
    "config-invalid: the kubeconfig has no context 'blue'. Set KUBECONFIG to a file with contexts, or write ~/.kube/config (aws eks update-kubeconfig).",
  );
});
