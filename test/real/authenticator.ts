import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type Program, startProgram } from './program.ts';

/** A role of IAM and the identity that it has in the cluster. */
export interface RoleMapping {
  readonly roleARN: string;
  /** {{SessionName}} is replaced. */
  readonly username: string;
  readonly groups: readonly string[];
}

export interface AuthenticatorOptions {
  /** The program. */
  readonly file: string;
  /** A folder of its own, which is created. */
  readonly folder: string;
  readonly clusterName: string;
  readonly partition: string;
  readonly mapRoles: readonly RoleMapping[];
  readonly port: number;
  /** For HTTPS_PROXY: the way to STS. */
  readonly proxy: string;
  /** A file with the certificate authority of STS. */
  readonly caFile: string;
}

/** The kubeconfig that the authenticator writes, by which the API server finds it. */
export const webhookOf = (folder: string) => join(folder, 'webhook.yaml');

/** Starts an unmodified aws-iam-authenticator: only its environment says where STS is. */
export function startAuthenticator(options: AuthenticatorOptions): Promise<Program> {
  const { file, folder, clusterName, partition, mapRoles, port, proxy, caFile } = options;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.yaml');
  // YAML reads JSON.
  writeFileSync(config, JSON.stringify({ clusterID: clusterName, server: { port, mapRoles } }));
  return startProgram({
    file,
    args: [
      'server',
      `--config=${config}`,
      `--partition=${partition}`,
      `--state-dir=${folder}`,
      `--generate-kubeconfig=${webhookOf(folder)}`,
      '--backend-mode=MountedFile',
    ],
    env: {
      HTTPS_PROXY: proxy,
      SSL_CERT_FILE: caFile,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'us-east-1',
    },
    log: join(folder, 'log'),
    isReady: async () => existsSync(webhookOf(folder)) && (await isHealthy(port)),
  });
}

const isHealthy = (port: number) =>
  new Promise<boolean>((resolve) => {
    // Its certificate is its own.
    get(
      { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    ).on('error', () => resolve(false));
  });

/** Whom a token belongs to. */
export interface TokenUser {
  readonly username: string;
  readonly groups: readonly string[];
}

interface TokenReview {
  readonly status: { readonly authenticated: boolean; readonly user?: TokenUser };
}

/** Asks an authenticator about a token as the API server does; undefined: it refuses the token. */
export async function reviewToken(port: number, token: string): Promise<TokenUser | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1beta1', kind: 'TokenReview', spec: { token } };
  const { status } = await new Promise<TokenReview>((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port,
        path: '/authenticate',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => json(response).then((body) => resolve(body as TokenReview), reject),
    )
      .on('error', reject)
      .end(JSON.stringify(review));
  });
  return status.authenticated ? status.user : undefined;
}
