import { POD_NAMESPACE } from '../../lambda/contract.ts';
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

/** Who asks, as a SelfSubjectReview shows it. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const AUTHENTICATED = 'system:authenticated';

/** Whoever sends no token. */
export const ANONYMOUS: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Paths that everybody may read, by the ClusterRole system:public-info-viewer. */
const PUBLIC_PATHS: readonly string[] = ['/healthz', '/livez', '/readyz', '/version'];

/** Questions that every authenticated user may ask, by the ClusterRole system:basic-user. */
const BASIC_REVIEWS: readonly string[] = [
  'authentication.k8s.io selfsubjectreviews',
  'authorization.k8s.io selfsubjectaccessreviews',
];

/** The user of an Authorization header. @param now epoch milliseconds @throws Refusal 401 */
type Authenticate = (authorization: string | undefined, now: number) => User;

/** https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubeapiserver/options/authentication.go */
const REMEMBERED_MS = 10_000;

/** Remembers the last good token for 10 s, whatever happens to its key or role meanwhile. */
export function createAuthenticator(access: Access): Authenticate {
  const { clusterName, region, keys } = access;
  let accepted: { readonly token: string; readonly user: User; readonly now: number } | undefined;

  return (authorization, now) => {
    const token = /^Bearer (.*)$/.exec(authorization?.trim() ?? '')?.[1]?.trim();
    if (token === undefined) return ANONYMOUS;
    if (accepted?.token === token && now >= accepted.now && now < accepted.now + REMEMBERED_MS)
      return accepted.user;
    if (!access.mapped) throw unauthorized();
    const verdict = verifyToken(token, { clusterName, region, now, secretFor: (id) => keys.get(id) });
    if (!verdict.ok) throw unauthorized();
    const user = userOf(verdict.accessKeyId, access.groups);
    accepted = { token, user, now };
    return user;
  };
}

/** As aws-iam-authenticator describes a role's session. */
function userOf(accessKeyId: string, groups: readonly string[]): User {
  const [, , , , account = '', resource = ''] = USER.split(':');
  const [, role = '', session = ''] = resource.split('/');
  const principal = 'AROAEMBEDDED00000001';
  return {
    username: USER,
    uid: `aws-iam-authenticator:${account}:${principal}`,
    groups: [...groups, AUTHENTICATED],
    extra: {
      accessKeyId: [accessKeyId],
      arn: [USER],
      canonicalArn: [`arn:aws:iam::${account}:role/${role}`],
      principalId: [principal],
      sessionName: [session],
      'sigs.k8s.io/aws-iam-authenticator/principalId': [principal],
    },
  };
}

/** @throws Refusal 403 */
export function authorize(access: Access, user: User, action: Action): void {
  if (!isAllowed(access, user, action)) throw forbidden(user.username, action);
}

export function isAllowed({ rights }: Access, user: User, action: Action): boolean {
  if ('path' in action) return ['get', 'head'].includes(action.verb) && PUBLIC_PATHS.includes(action.path);
  if (!user.groups.includes(AUTHENTICATED)) return false;
  const { verb, group, resource, namespace } = action;
  if (verb === 'create' && BASIC_REVIEWS.includes(`${group} ${resource}`)) return true;
  return group === '' && namespace === POD_NAMESPACE && rights.has(`${verb} ${resource}`);
}
