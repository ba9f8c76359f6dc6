import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import type {
  BearerCredentials,
  ClientCertificate,
  Credentials,
} from '../lambda/adapters/api-server/credentials.ts';
import type { ClusterEndpoint } from '../lambda/cluster-endpoint.ts';
import { CollectorError } from '../lambda/errors.ts';

/** A cluster as a context of the kubeconfig names it. */
export interface KubeCluster {
  readonly name: string;
  readonly endpoint: ClusterEndpoint;
  readonly credentials: Credentials;
}

/**
 * The cluster of a context: KUBECONFIG or ~/.kube/config, with tokens, exec plug-ins and client certificates.
 * What the collector's own client cannot do is refused, never ignored.
 * @throws CollectorError `config-invalid` for the kubeconfig, `credentials-missing` for what it leads to
 */
export async function kubeCluster(context: string): Promise<KubeCluster> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  // A KubeConfig keeps what it has read and what a plug-in has said, expired or not: each question needs a new one.
  const ask = () => enter(new KubeConfig(), context);
  const { name, endpoint, authorization, certificate } = await ask();
  // Where there is both, the API server looks at the certificate first.
  const credentials =
    certificate ?? bearer(authorization, async (rejected) => (await ask()).authorization || rejected);
  return { name, endpoint, credentials };
}

interface Entry {
  readonly name: string;
  readonly endpoint: ClusterEndpoint;
  /** Value of the header; '' where there is a certificate alone. */
  readonly authorization: string;
  readonly certificate: ClientCertificate | undefined;
}

async function enter(config: KubeConfig, context: string): Promise<Entry> {
  load(config);
  const { cluster, user } = choose(config, context);
  const unable = UNABLE.find(({ asked }) => asked(cluster, user));
  if (unable)
    throw new CollectorError('config-invalid', `context '${context}' asks for ${unable.what}`, {
      remedy: 'Use a context without it: the collector cannot do that.',
    });
  const { ca, cert, key, headers } = await identify(config, context, user);
  if (!ca) throw faulty(`cluster '${cluster.name}' has no certificate-authority`);
  if (!cert !== !key)
    throw faulty(`user '${user.name}' has half a client certificate: it takes cert and key`);
  const authorization = String(headers.Authorization ?? '');
  const certificate =
    cert && key ? ({ kind: 'client-certificate', cert: String(cert), key: String(key) } as const) : undefined;
  if (!authorization && !certificate)
    throw faulty(`user '${user.name}' gives neither token nor client certificate (a tokenFile is not read)`);
  return {
    name: cluster.name,
    endpoint: { url: new URL(cluster.server), ca: String(ca) },
    authorization,
    certificate,
  };
}

/** What kubectl can do and the collector's client cannot. */
const UNABLE: readonly { what: string; asked(cluster: Cluster, user: User): unknown }[] = [
  {
    what: 'a server without https://',
    asked: ({ server }) => URL.parse(server)?.protocol !== 'https:',
  },
  { what: 'insecure-skip-tls-verify', asked: ({ skipTLSVerify }) => skipTLSVerify },
  { what: 'a proxy (proxy-url)', asked: ({ proxyUrl }) => proxyUrl },
  { what: 'another name in the certificate (tls-server-name)', asked: ({ tlsServerName }) => tlsServerName },
  { what: 'basic authentication (username)', asked: (_, { username }) => username },
  { what: 'impersonation (as)', asked: (_, { impersonateUser }) => impersonateUser },
];

function load(config: KubeConfig): void {
  try {
    config.loadFromDefault();
  } catch (error) {
    // Without its cause and the lines below the first: a YAML fault quotes the file, secrets and all.
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw faulty(`the kubeconfig cannot be read: ${reason}`);
  }
}

/** The name that client-node gives to its guess where there is no kubeconfig. */
const GUESS = 'loaded-context';

function choose(config: KubeConfig, context: string): { cluster: Cluster; user: User } {
  const chosen = config.getContextObject(context);
  const names = config.getContexts().flatMap(({ name }) => (name === GUESS ? [] : [`'${name}'`]));
  if (!chosen)
    throw new CollectorError('config-invalid', `the kubeconfig has no context '${context}'`, {
      remedy:
        names.length > 0
          ? `Name one that it has: ${names.join(', ')}.`
          : 'Set KUBECONFIG to a file with contexts, or write ~/.kube/config (aws eks update-kubeconfig).',
    });
  config.setCurrentContext(context);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (!cluster)
    throw faulty(`context '${context}' names the cluster '${chosen.cluster}', which is not there`);
  if (!user) throw faulty(`context '${context}' names the user '${chosen.user ?? ''}', which is not there`);
  return { cluster, user };
}

/** Runs the exec plug-in where there is one, for as long as it takes: it may wait for a person to log in. */
async function identify(config: KubeConfig, context: string, user: User) {
  const options: RequestOptions & { readonly headers: OutgoingHttpHeaders } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (error) {
    const how = user.exec ? ` (exec plug-in ${user.exec.command})` : '';
    throw new CollectorError(
      'credentials-missing',
      `no credentials of user '${user.name}'${how}: ${reasonOf(error)}`,
      { remedy: `See whether kubectl --context ${context} --namespace kube-system get pods works here.` },
    );
  }
}

/** Never what the plug-in printed: that would be a token, in whole or in part. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof TypeError) return 'its answer is no ExecCredential';
  const said = (error instanceof Error ? error.message : String(error)).trim();
  return said.replace(/\.$/, '') || 'it failed without a word';
}

function bearer(first: string, ask: (rejected: string) => Promise<string>): BearerCredentials {
  let current = first;
  let renewal: Promise<string> | undefined;
  return {
    kind: 'bearer',
    authorization: async () => current,
    async renew(rejected) {
      if (rejected !== current) return current;
      renewal ??= ask(rejected).finally(() => {
        renewal = undefined;
      });
      current = await renewal;
      return current;
    },
  };
}

const faulty = (what: string) =>
  new CollectorError('config-invalid', what, { remedy: 'Correct the kubeconfig.' });
