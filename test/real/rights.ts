import type { Admin } from './admin.ts';

export interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Action {
  readonly verb: string;
  /** Undefined: the core group. */
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Undefined: the whole cluster. */
  readonly namespace?: string;
}

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** Asks the API server's authorizer. */
export async function isAllowed(admin: Admin, subject: Subject, action: Action): Promise<boolean> {
  const spec = { ...subject, resourceAttributes: action };
  const { text } = await admin.send('POST', REVIEWS, { spec });
  return JSON.parse(text).status.allowed;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
const VERBS = [
  ...['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  ...['bind', 'escalate', 'impersonate', 'approve', 'sign', 'use'],
];
const NAMESPACES = ['kube-system', 'default'];
const PARALLEL = 20;

/** Every verb on every resource that the API server has, in two namespaces and in the whole cluster. */
export async function allowedActions(
  admin: Admin,
  subject: Subject,
): Promise<{ readonly asked: number; readonly allowed: readonly string[] }> {
  const actions = await allActions(admin);
  const asked = actions.length;
  const allowed: string[] = [];
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let action = actions.pop(); action; action = actions.pop())
        if (await isAllowed(admin, subject, action)) allowed.push(textOf(action));
    }),
  );
  return { asked, allowed: allowed.sort() };
}

function textOf({ verb, group = '', resource, subresource, namespace }: Action): string {
  const kind = [resource, subresource].filter(Boolean).join('/');
  return `${verb} ${kind}${group && ` of ${group}`} in ${namespace ?? 'the cluster'}`;
}

async function allActions(admin: Admin): Promise<Action[]> {
  const get = async (path: string) => JSON.parse((await admin.send('GET', path)).text);
  const { groups } = await get('/apis');
  const paths: string[] = [
    '/api/v1',
    ...groups.map((group: ApiGroup) => `/apis/${group.preferredVersion.groupVersion}`),
  ];
  const lists = await Promise.all(
    paths.map(async (path) => ({ path, resources: (await get(path)).resources as readonly ApiResource[] })),
  );
  return lists.flatMap(({ path, resources }) =>
    resources.flatMap(({ name, namespaced }) => {
      const group = /^\/apis\/([^/]+)/.exec(path)?.[1];
      const [resource = '', subresource] = name.split('/');
      const places = [{}, ...(namespaced ? NAMESPACES.map((namespace) => ({ namespace })) : [])];
      return VERBS.flatMap((verb) =>
        places.map((place) => ({
          verb,
          ...(group !== undefined && { group }),
          resource,
          ...(subresource !== undefined && { subresource }),
          ...place,
        })),
      );
    }),
  );
}

interface ApiGroup {
  readonly preferredVersion: { readonly groupVersion: string };
}

interface ApiResource {
  /** `pods/log` */
  readonly name: string;
  readonly namespaced: boolean;
}
