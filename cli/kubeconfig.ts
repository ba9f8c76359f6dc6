import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { type Cluster, type Context, KubeConfig, type User } from '@kubernetes/client-node';
import { messageOf } from '../lambda/domain/error-message.ts';
import { CollectorError } from '../lambda/errors.ts';

/**
 * Loads the files that kubectl would: those of KUBECONFIG that exist, or ~/.kube/config. Of two entries with one
 * name the first counts.
 * @throws CollectorError `config-invalid`
 */
export function loadKubeconfig(): KubeConfig {
  const paths = process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [];
  const files = paths.length > 0 ? paths : [join(homedir(), '.kube/config')];
  const existing = files.filter((file) => existsSync(file));
  if (existing.length === 0)
    throw new CollectorError('config-invalid', `there is no kubeconfig: ${files.join(', ')} does not exist`, {
      remedy: 'Write ~/.kube/config with aws eks update-kubeconfig, or set KUBECONFIG to a file that exists.',
    });
  const configs = existing.map((file) => {
    const config = new KubeConfig();
    try {
      config.loadFromFile(file);
    } catch (error) {
      throw kubeconfigError(`the kubeconfig ${file} cannot be read: ${reasonOf(error)}`);
    }
    return { config, users: config.getUsers().map((user) => withPlugInBeside(file, user)) };
  });
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfName(configs.flatMap(({ config }) => config.getClusters())),
    users: firstOfName(configs.flatMap(({ users }) => users)),
    contexts: firstOfName(configs.flatMap(({ config }) => config.getContexts())),
    currentContext: '',
  });
  return merged;
}

/**
 * A command with a relative path is beside the kubeconfig, as for kubectl. The client would start what has this path in the
 * working directory. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
function withPlugInBeside(file: string, user: User): User {
  const { command } = Object(user.exec);
  if (typeof command !== 'string' || !command.includes(sep)) return user;
  return { ...user, exec: { ...user.exec, command: resolve(dirname(file), command) } };
}

/** Of a YAML fault only its place: it quotes the file, and a password that begins with * or ! even in its first line. */
function reasonOf(error: unknown): string {
  const [reason = ''] = messageOf(error).split('\n');
  if (!(error instanceof Error && error.name === 'YAMLException')) return reason;
  const [, line, column] = /\((\d{1,9}):(\d{1,9})\)$/.exec(reason) ?? [];
  return line === undefined
    ? 'it is not valid YAML'
    : `it is not valid YAML at line ${line}, column ${column}`;
}

function firstOfName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ name }, index) => entries.findIndex((entry) => entry.name === name) === index);
}

/** @throws CollectorError `config-invalid` */
export function chooseContext(config: KubeConfig, context: string): { cluster: Cluster; user: User } {
  const chosen: Context | null = config.getContextObject(context);
  const names = config.getContexts().map(({ name }) => `'${name}'`);
  if (!chosen)
    throw new CollectorError('config-invalid', `the kubeconfig has no context '${context}'`, {
      remedy:
        names.length > 0
          ? `Use one of its contexts: ${names.join(', ')}.`
          : 'Add one with aws eks update-kubeconfig.',
    });
  config.setCurrentContext(context);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (!cluster)
    throw kubeconfigError(`context '${context}' names the cluster '${chosen.cluster}', which does not exist`);
  if (!user)
    throw kubeconfigError(`context '${context}' names the user '${chosen.user ?? ''}', which does not exist`);
  requireFile(cluster.caFile, `the certificate-authority of cluster '${cluster.name}'`);
  requireFile(user.certFile, `the client-certificate of user '${user.name}'`);
  requireFile(user.keyFile, `the client-key of user '${user.name}'`);
  return { cluster, user };
}

function requireFile(path: string | undefined, what: string): void {
  if (path && !existsSync(path)) throw kubeconfigError(`${what} is the file ${path}, which does not exist`);
}

export const kubeconfigError = (what: string) =>
  new CollectorError('config-invalid', what, { remedy: 'Correct the kubeconfig.' });
