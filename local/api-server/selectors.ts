import type { KubePod } from './kube-system.ts';
import { badRequest } from './status.ts';

const FIELDS: Readonly<Record<string, (pod: KubePod) => string>> = {
  'metadata.name': ({ name }) => name,
  'metadata.namespace': () => 'kube-system',
  'spec.nodeName': ({ node }) => node,
  'spec.serviceAccountName': ({ serviceAccount }) => serviceAccount,
  'status.phase': ({ phase }) => phase,
  'status.podIP': ({ ip }) => ip,
};

/**
 * Whether a pod matches `labelSelector` and `fieldSelector` of a list request (equality only, as this project
 * and kubectl's usual calls need). @throws Refusal 400 for what the API server would not understand
 */
export function matcher(query: URLSearchParams): (pod: KubePod) => boolean {
  const conditions = [
    ...requirements(query.get('labelSelector')).map(({ key, equal, value }) => ({
      read: ({ labels }: KubePod) => labels[key],
      equal,
      value,
    })),
    ...requirements(query.get('fieldSelector')).map(({ key, equal, value }) => {
      const read = FIELDS[key];
      if (!read) throw badRequest(`field label not supported: ${key}`);
      return { read, equal, value };
    }),
  ];
  return (pod) => conditions.every(({ read, equal, value }) => (read(pod) === value) === equal);
}

function requirements(selector: string | null) {
  if (!selector) return [];
  return selector.split(',').map((text) => {
    const [, key, operator, value] =
      /^([A-Za-z0-9./_-]+)\s*(==?|!=)\s*([A-Za-z0-9./_:-]*)$/.exec(text.trim()) ?? [];
    if (key === undefined || value === undefined) {
      // Whatever follows the key and its operator is what the API server names.
      const rest = text.replace(/^\s*[A-Za-z0-9./_-]*\s*(==?|!=)?\s*/, '').slice(0, 1);
      throw badRequest(`unable to parse requirement: found '${rest}', expected: identifier`);
    }
    return { key, equal: operator !== '!=', value };
  });
}
