import { X509Certificate } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import type {
  BearerCredentials,
  ClientCertificate,
  Credentials,
} from '../lambda/adapters/api-server/credentials.ts';
import type { ClusterEndpoint } from '../lambda/cluster-endpoint.ts';
import { messageOf } from '../lambda/domain/error-message.ts';
import { printable } from '../lambda/domain/printable.ts';
import { rememberSecret } from '../lambda/domain/redact.ts';
import { CollectorError } from '../lambda/errors.ts';
import { chooseContext, kubeconfigError, loadKubeconfig } from './kubeconfig.ts';
import { kubectlFor } from './remedies.ts';

/** A cluster as a context of the kubeconfig names it. */
export interface KubeCluster {
  /** Printable: it stands in reports, on the page and in commands. */
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
  // A KubeConfig keeps what it has read and what a plug-in has answered, expired or not: each call needs a new one.
  const ask = () => enter(context);
  const { name, endpoint, authorization, certificate } = await ask();
  // Where there is both, the API server looks at the certificate first.
  const credentials =
    certificate ?? bearer(authorization, async (rejected) => (await ask()).authorization || rejected);
  return { name, endpoint, credentials };
}

/** HTTP/1.1 would throw on another header, and HTTP/2 would send the request without it. */
const SENDABLE = /^[\x20-\x7e]*$/;

interface Entry {
  readonly name: string;
  readonly endpoint: ClusterEndpoint;
  /** Value of the header; '' where there is a certificate alone. */
  readonly authorization: string;
  readonly certificate: ClientCertificate | undefined;
}

async function enter(context: string): Promise<Entry> {
  const config = loadKubeconfig();
  const { cluster, user } = chooseContext(config, context);
  const unable = UNABLE.find(({ asked }) => asked(cluster, user));
  if (unable)
    throw new CollectorError('config-invalid', `context '${context}' asks for ${unable.what}`, {
      remedy: 'Use a context without it: the collector cannot do that.',
    });
  const { ca, cert, key, headers } = await identify(config, context, user);
  if (!ca)
    throw new CollectorError('config-invalid', `cluster '${cluster.name}' has no certificate-authority`, {
      remedy: 'Add certificate-authority-data, which aws eks update-kubeconfig writes.',
    });
  if (!cert !== !key)
    throw kubeconfigError(`user '${user.name}' has only one of client certificate and client key`);
  const authorization = String(headers.Authorization ?? '');
  rememberSecret(authorization.replace(/^Bearer /, ''));
  if (!SENDABLE.test(authorization))
    throw new CollectorError(
      'credentials-missing',
      `the token of user '${user.name}' has characters that no header can have`,
      { remedy: 'Correct the kubeconfig, or what its exec plug-in prints.' },
    );
  const certificate =
    cert && key ? ({ kind: 'client-certificate', cert: String(cert), key: String(key) } as const) : undefined;
  if (certificate) checkValidity(certificate.cert, user.name);
  if (!authorization && !certificate)
    throw kubeconfigError(
      `user '${user.name}' has neither token nor client certificate (a tokenFile is not read)`,
    );
  return {
    name: printable(cluster.name),
    endpoint: { url: new URL(cluster.server), ca: String(ca) },
    authorization,
    certificate,
  };
}

/** @throws CollectorError where the first certificate of the chain has expired */
function checkValidity(pem: string, user: string): void {
  const validTo = validToOf(pem);
  if (validTo === undefined)
    throw kubeconfigError(`the client certificate of user '${user}' is not a PEM certificate`);
  if (validTo < new Date())
    throw new CollectorError(
      'credentials-missing',
      `the client certificate of user '${user}' expired on ${validTo.toISOString().slice(0, 10)}`,
      { remedy: 'Get a new one from whoever runs the cluster, and put it into the kubeconfig.' },
    );
}

function validToOf(pem: string): Date | undefined {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
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
  {
    // The client starts its program with the terminal as stderr, and in the working directory.
    what: 'an authentication provider (auth-provider)',
    asked: (_, { authProvider }) => authProvider,
  },
];

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
      {
        remedy: `Check whether ${kubectlFor(context)} --namespace kube-system get pods works on this machine.`,
      },
    );
  }
}

/** Never what the plug-in printed: that would be a token, in whole or in part. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof TypeError)
    return 'its answer is not an ExecCredential';
  const said = messageOf(error).trim();
  return said.replace(/\.$/, '') || 'it failed without a message';
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
