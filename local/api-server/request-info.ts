import type { Action } from './status.ts';

/** What a request asks for, as RBAC judges it. */
export interface RequestInfo {
  readonly action: Action;
  /** What follows the subresource: `/metrics` of a proxy. Undefined: the path ends with it. */
  readonly rest: string | undefined;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Verbs of whole lists. */
const LIST_VERBS: Readonly<Record<string, string>> = { get: 'list', delete: 'deletecollection' };

/** https://github.com/kubernetes/apiserver/blob/v0.35.4/pkg/endpoints/request/requestinfo.go */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const [, api, apis, tail = ''] = /^\/(?:api\/v1()|apis\/([^/]+)\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const verb = VERBS[method] ?? '';
  if (api === undefined && apis === undefined)
    return { action: { verb: method.toLowerCase(), path }, rest: undefined };

  const [, namespace, ofNamespace] = /^namespaces\/([^/]+)\/(.+)$/.exec(tail) ?? [];
  const [kind = '', name, subresource, ...rest] = (ofNamespace ?? tail).split('/').map(decode);
  const watches = verb === 'get' && name === undefined && query.get('watch') === 'true';
  return {
    action: {
      verb: watches ? 'watch' : name === undefined ? (LIST_VERBS[verb] ?? verb) : verb,
      group: apis ?? '',
      resource: subresource === undefined ? kind : `${kind}/${subresource}`,
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
    },
    rest: rest.length > 0 ? `/${rest.join('/')}` : undefined,
  };
}

/** Whether a request is exempt from priority and fairness: it may run for as long as it likes. */
export function isLongRunning(action: Action): boolean {
  return 'resource' in action && /\/(attach|exec|log|portforward|proxy)$/.test(action.resource);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
