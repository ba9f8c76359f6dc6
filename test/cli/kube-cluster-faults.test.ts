import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { kubeCluster } from '../../cli/kube-cluster.ts';
import { createAuthority } from '../../local/certificates.ts';
import { base64, printing, writeKubeconfig } from '../support/kubeconfig.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

const TOKEN = 'k8s-aws-v1.aHR0cHM6Ly9zdHMuZXhhbXBsZQ';
const SERVER = 'https://127.0.0.1:1';
const authority = await createAuthority('blue');
const { certificate } = authority;
const expired = await authority.issue(['me'], { expired: true });
const BLUE = { server: SERVER, 'certificate-authority-data': base64(certificate) };

/** What is said of a context, with this environment. */
async function failure(env: Readonly<Record<string, string>>, context = 'blue'): Promise<string> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return kubeCluster(context).then(
    () => 'no failure',
    ({ message }: Error) => message,
  );
}

const complain = (text: string) => ({
  command: process.execPath,
  args: ['-e', 'process.stderr.write(process.argv[1]); process.exitCode = 255', text],
});

const KUBECTL =
  'Check whether kubectl --context blue --namespace kube-system get pods works on this machine.';
const ABLE = 'Use a context without it: the collector cannot do that.';
const CORRECT = 'Correct the kubeconfig.';

test.each<{ what: string; entry?: object; user?: object; context?: string; error: string }>([
  {
    what: 'a context that does not exist',
    context: 'green',
    error: "config-invalid: the kubeconfig has no context 'green'. Use one of its contexts: 'far', 'blue'.",
  },
  {
    what: 'a context without its user',
    context: 'far',
    error: `config-invalid: context 'far' names the user 'nobody', which does not exist. ${CORRECT}`,
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
    error: `config-invalid: cluster 'blue-cluster' has no certificate-authority. Add certificate-authority-data, which aws eks update-kubeconfig writes.`,
  },
  {
    what: 'a user without credentials',
    user: { tokenFile: '/dev/null' },
    error: `config-invalid: user 'me' has neither token nor client certificate (a tokenFile is not read). ${CORRECT}`,
  },
  {
    what: 'a client certificate without its key',
    user: { 'client-certificate-data': base64('certificate') },
    error: `config-invalid: user 'me' has only one of client certificate and client key. ${CORRECT}`,
  },
  {
    what: 'a client certificate that does not exist',
    user: { 'client-certificate': '/nowhere/me.crt', 'client-key': '/nowhere/me.key' },
    error: `config-invalid: the client-certificate of user 'me' is the file /nowhere/me.crt, which does not exist. ${CORRECT}`,
  },
  {
    what: 'a client key that does not exist',
    user: { 'client-certificate-data': base64(certificate), 'client-key': '/nowhere/me.key' },
    error: `config-invalid: the client-key of user 'me' is the file /nowhere/me.key, which does not exist. ${CORRECT}`,
  },
  {
    what: 'a CA that does not exist',
    entry: { server: SERVER, 'certificate-authority': '/nowhere/ca.crt' },
    error: `config-invalid: the certificate-authority of cluster 'blue-cluster' is the file /nowhere/ca.crt, which does not exist. ${CORRECT}`,
  },
  {
    what: 'a client certificate that has expired',
    user: { 'client-certificate-data': base64(expired.cert), 'client-key-data': base64(expired.key) },
    error: `credentials-missing: the client certificate of user 'me' expired on ${new Date(Date.now() - 3_600_000).toISOString().slice(0, 10)}. Get a new one from whoever runs the cluster, and put it into the kubeconfig.`,
  },
  {
    what: 'a client certificate that is something else',
    user: { 'client-certificate-data': base64('text'), 'client-key-data': base64(expired.key) },
    error: `config-invalid: the client certificate of user 'me' is not a PEM certificate. ${CORRECT}`,
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
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): it failed without a message. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that prints a bare token',
    user: { exec: printing(TOKEN) },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): its answer is not an ExecCredential. ${KUBECTL}`,
  },
  {
    what: 'a plug-in that prints something else',
    user: { exec: printing('{}') },
    error: `credentials-missing: no credentials of user 'me' (exec plug-in ${process.execPath}): its answer is not an ExecCredential. ${KUBECTL}`,
  },
])('$what is refused with a sentence', async ({ entry = BLUE, user = { token: TOKEN }, context, error }) => {
  expect(await failure({ KUBECONFIG: writeKubeconfig(entry, user) }, context)).toBe(error);
});

test.each([
  {
    what: 'that is not YAML',
    text: 'users: [{user: {token: secret}}',
    reason: 'it is not valid YAML at line ',
  },
  {
    what: 'with a password that YAML takes for an alias',
    text: 'users: [{user: {password: *secret}}]',
    reason: 'it is not valid YAML at line 1, column 28. ',
  },
  {
    what: 'with a token that YAML takes for a tag',
    text: 'users: [{user: {token: !secret x}}]',
    reason: 'it is not valid YAML at line 1, column 24. ',
  },
  {
    what: 'without a server',
    text: '{"clusters":[{"name":"a","cluster":{}}]}',
    reason: 'clusters[0].cluster.server is missing',
  },
])('a kubeconfig $what is named, without any of its content', async ({ text, reason }) => {
  const path = join(temporaryFolder(), 'config');
  writeFileSync(path, text);
  const message = await failure({ KUBECONFIG: path });
  expect(message).toContain(`config-invalid: the kubeconfig ${path} cannot be read: ${reason}`);
  expect(message).toMatch(/[^:] *Correct the kubeconfig\.$/);
  expect(message).not.toContain('secret');
});

test('without any kubeconfig, the files that are missing are named', async () => {
  const [one, two] = [join(temporaryFolder(), 'one'), join(temporaryFolder(), 'two')];
  const remedy =
    'Write ~/.kube/config with aws eks update-kubeconfig, or set KUBECONFIG to a file that exists.';
  expect(await failure({ KUBECONFIG: `${one}${delimiter}${two}` })).toBe(
    `config-invalid: there is no kubeconfig: ${one}, ${two} does not exist. ${remedy}`,
  );
  const HOME = temporaryFolder();
  expect(await failure({ KUBECONFIG: '', HOME })).toBe(
    `config-invalid: there is no kubeconfig: ${HOME}/.kube/config does not exist. ${remedy}`,
  );
});
