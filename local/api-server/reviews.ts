import { type Access, isAllowed } from './access.ts';
import { badRequest } from './status.ts';

/** The questions that every authenticated user may ask about itself. */
export const REVIEWS: Readonly<Record<string, (body: unknown, user: string, access: Access) => object>> = {
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': accessReview,
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': (_, username, { groups }) => ({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: new Date().toISOString() },
    status: { userInfo: { username, groups: [...groups, 'system:authenticated'] } },
  }),
};

function accessReview(body: unknown, _user: string, access: Access): object {
  const attributes = field(field(body, 'spec'), 'resourceAttributes');
  if (typeof attributes !== 'object' || attributes === null) {
    throw badRequest('spec.resourceAttributes: Required value');
  }
  const text = (name: string) => {
    const value = field(attributes, name);
    return typeof value === 'string' ? value : '';
  };
  const subresource = text('subresource');
  const allowed = isAllowed(access, {
    verb: text('verb'),
    resource: subresource ? `${text('resource')}/${subresource}` : text('resource'),
    namespace: text('namespace'),
  });
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: { resourceAttributes: attributes },
    status: allowed ? { allowed, reason: 'RBAC: allowed by RoleBinding "cni-metrics-reader"' } : { allowed },
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
