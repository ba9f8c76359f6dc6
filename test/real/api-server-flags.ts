import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PEM } from '../../local/certificates.ts';

/** A bearer token of system:masters. */
export const ADMIN_TOKEN = 'admin-of-the-real-cluster';

const FILES = { ca: 'ca.crt', cert: 'kube-apiserver.crt', key: 'kube-apiserver.key', tokens: 'tokens.csv' };

/** Writes what the flags name. */
export function writeApiServerFiles(
  folder: string,
  ca: PEM,
  { cert, key }: { readonly cert: PEM; readonly key: PEM },
): void {
  const write = (name: string, content: string) =>
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  write(FILES.ca, ca);
  write(FILES.cert, cert);
  write(FILES.key, key);
  write(FILES.tokens, `${ADMIN_TOKEN},admin,admin,system:masters\n`);
}

interface Place {
  readonly folder: string;
  /** URL */
  readonly etcd: string;
  readonly port: number;
  /** An address that is not loopback. */
  readonly advertised: string;
}

/** As EKS runs it as far as this matters here, without the controllers that a cluster of pods alone lacks. */
export function apiServerFlags({ folder, etcd, port, advertised }: Place): readonly string[] {
  const file = (name: keyof typeof FILES) => join(folder, FILES[name]);
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=0.0.0.0',
    `--secure-port=${port}`,
    `--advertise-address=${advertised}`,
    '--service-cluster-ip-range=10.100.0.0/16',
    '--allow-privileged=true',
    `--tls-cert-file=${file('cert')}`,
    `--tls-private-key-file=${file('key')}`,
    `--token-auth-file=${file('tokens')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('cert')}`,
    `--service-account-signing-key-file=${file('key')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    // Without it a pod needs a service account, which a controller creates.
    '--disable-admission-plugins=ServiceAccount',
    '--authentication-token-webhook-version=v1beta1',
    // So short that only the 10 s remain that the API server remembers every token.
    '--authentication-token-webhook-cache-ttl=1s',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ];
}
