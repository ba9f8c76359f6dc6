import { expect } from 'vitest';
import { USER } from './cluster.ts';
import type { Row } from './rows.ts';
import { JSON_TYPE, refusal, type Seen, starts } from './seen.ts';

const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

const created = (body: unknown): Seen => ({ status: 201, type: JSON_TYPE, marks: ['fairness'], body });

const SELF_REVIEWED = created({
  kind: 'SelfSubjectReview',
  apiVersion: 'authentication.k8s.io/v1',
  metadata: { creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
  status: {
    userInfo: {
      username: USER,
      uid: expect.stringMatching(/^aws-iam-authenticator:111122223333:AROA[A-Z0-9]+$/),
      groups: ['cni-metrics-reader', 'system:authenticated'],
      extra: {
        accessKeyId: [expect.stringMatching(/^ASIA[A-Z0-9]+$/)],
        arn: [USER],
        canonicalArn: ['arn:aws:iam::111122223333:role/eks-cni-metrics'],
        principalId: [expect.stringMatching(/^AROA[A-Z0-9]+$/)],
        sessionName: ['local'],
        'sigs.k8s.io/aws-iam-authenticator/principalId': [expect.stringMatching(/^AROA[A-Z0-9]+$/)],
      },
    },
  },
});

const ALLOWED = {
  allowed: true,
  reason:
    'RBAC: allowed by RoleBinding "cni-metrics-reader/kube-system" of Role "cni-metrics-reader" to Group "cni-metrics-reader"',
};
const DENIED = { allowed: false };

const QUESTIONS = [
  [{ namespace: 'kube-system', verb: 'list', resource: 'pods' }, ALLOWED],
  [{ namespace: 'kube-system', verb: 'get', resource: 'pods', subresource: 'proxy' }, ALLOWED],
  [{ namespace: 'kube-system', verb: 'get', resource: 'pods', subresource: 'exec' }, DENIED],
  [{ namespace: 'kube-system', verb: 'create', resource: 'pods', subresource: 'proxy' }, DENIED],
  [{ namespace: 'kube-system', verb: 'delete', resource: 'pods' }, DENIED],
  [{ namespace: 'kube-system', verb: 'list', group: 'apps', resource: 'pods' }, DENIED],
  [{ namespace: 'default', verb: 'list', resource: 'pods' }, DENIED],
  [{ verb: 'list', resource: 'nodes' }, DENIED],
] as const;

const reviewed = (spec: object, status: object) =>
  created({
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: expect.any(Object),
    spec,
    status,
  });

const invalid = (field: string, message: string) =>
  refusal(422, 'Invalid', `.authorization.k8s.io "" is invalid: ${field}: ${message}`, {
    details: {
      group: 'authorization.k8s.io',
      causes: [{ reason: 'FieldValueInvalid', message, field }],
    },
    marks: ['fairness'],
  });

const UNRECOGNIZED = "couldn't get version/kind; json parse error: ";

export const REVIEW_ROWS: readonly Row[] = [
  {
    name: 'a review of oneself',
    request: () => ({
      method: 'POST',
      path: SELF,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    }),
    expected: () => SELF_REVIEWED,
  },
  {
    name: 'a review of oneself, without its kind',
    request: () => ({ method: 'POST', path: SELF, body: {} }),
    expected: () => SELF_REVIEWED,
  },
  {
    name: 'a review of oneself without a token',
    request: () => ({ method: 'POST', path: SELF, body: {}, authorization: null }),
    expected: () =>
      refusal(
        403,
        'Forbidden',
        'selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope',
        {
          details: { group: 'authentication.k8s.io', kind: 'selfsubjectreviews' },
          marks: ['nosniff', 'fairness', 'goaway'],
        },
      ),
  },
  {
    name: 'a list of reviews of oneself',
    request: () => ({ path: SELF }),
    expected: () =>
      refusal(
        403,
        'Forbidden',
        `selfsubjectreviews.authentication.k8s.io is forbidden: User "${USER}" cannot list resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`,
        {
          details: { group: 'authentication.k8s.io', kind: 'selfsubjectreviews' },
          marks: ['nosniff', 'fairness'],
        },
      ),
  },
  {
    name: 'a review without a body',
    request: () => ({ method: 'POST', path: SELF }),
    expected: () =>
      refusal(
        400,
        'BadRequest',
        `the object provided is unrecognized (must be of type SelfSubjectReview): ${UNRECOGNIZED}unexpected end of JSON input (<empty>)`,
        { marks: ['fairness'] },
      ),
  },
  {
    name: 'a review that is no object',
    request: () => ({ method: 'POST', path: ACCESS, body: 'x' }),
    expected: () =>
      refusal(
        400,
        'BadRequest',
        starts(
          `the object provided is unrecognized (must be of type SelfSubjectAccessReview): ${UNRECOGNIZED}`,
        ),
        { marks: ['fairness'] },
      ),
  },
  ...QUESTIONS.map(
    ([resourceAttributes, status]): Row => ({
      name: `may I ${Object.values(resourceAttributes).join(' ')}`,
      request: () => ({ method: 'POST', path: ACCESS, body: { spec: { resourceAttributes } } }),
      expected: () => reviewed({ resourceAttributes }, status),
    }),
  ),
  {
    name: 'may I get a path',
    request: () => ({
      method: 'POST',
      path: ACCESS,
      body: { spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } } },
    }),
    expected: () => reviewed({ nonResourceAttributes: { path: '/metrics', verb: 'get' } }, DENIED),
  },
  ...[{}, { spec: {} }].map(
    (body): Row => ({
      name: `a review of nothing: ${JSON.stringify(body)}`,
      request: () => ({ method: 'POST', path: ACCESS, body }),
      expected: () =>
        invalid(
          'spec.resourceAttributes',
          'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
        ),
    }),
  ),
];
