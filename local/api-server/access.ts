import { type Action, forbidden, unauthorized } from './status.ts';
import { type KnownKey, verifyToken } from './token-verifier.ts';

/** Who may do what: IAM's keys, the cluster's access entry, and the Role bound to it. */
export interface Access {
  readonly clusterName: string;
  readonly region: string;
  /** By access key id. */
  readonly keys: Map<string, KnownKey>;
  /** False: no access entry maps the role to a Kubernetes group. */
  mapped: boolean;
  /** Kubernetes groups of that access entry. */
  groups: readonly string[];
  /** What the Role in kube-system allows, as `verb resource`. */
  readonly rights: Set<string>;
}

/** The least the collector needs, as infra's manifest grants it. */
export const LEAST_RIGHTS = ['list pods', 'get pods/proxy'] as const;

/** Whom the collector's credentials belong to. */
export const USER = 'arn:aws:sts::111122223333:assumed-role/eks-cni-metrics/local';

/** The user of a bearer token. @param now epoch milliseconds @throws Refusal 401 */
export type Authenticate = (authorization: string | undefined, now: number) => string;

/** Remembers the last good token while time stands still, so that a round of scrapes judges it once. */
export function createAuthenticator(access: Access): Authenticate {
  const { clusterName, region, keys } = access;
  let accepted: { readonly token: string; readonly accessKeyId: string; readonly now: number } | undefined;

  return (authorization, now) => {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined || !access.mapped) throw unauthorized();
    if (accepted?.token === token && accepted.now === now && keys.has(accepted.accessKeyId)) return USER;
    const verdict = verifyToken(token, { clusterName, region, now, secretFor: (id) => keys.get(id) });
    if (!verdict.ok) throw unauthorized();
    accepted = { token, accessKeyId: verdict.accessKeyId, now };
    return USER;
  };
}

/** @throws Refusal 403 */
export function authorize(access: Access, user: string, action: Action): void {
  if (!isAllowed(access, action)) throw forbidden(user, action);
}

export function isAllowed({ rights }: Access, { verb, resource, namespace }: Action): boolean {
  return namespace === 'kube-system' && rights.has(`${verb} ${resource}`);
}
