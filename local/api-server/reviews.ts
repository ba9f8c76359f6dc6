import { READER_GROUP } from '../../lambda/contract.ts';
import { messageOf } from '../../lambda/domain/error-message.ts';
import { type Access, isAllowed, type User } from './access.ts';
import { type Action, badRequest, invalid } from './status.ts';

/** A question that every authenticated user may ask about itself. */
interface Review {
  readonly kind: string;
  /** @throws Refusal */
  answer(body: unknown, user: User, access: Access): object;
}

const AUTHORIZATION = 'authorization.k8s.io';

/** By `<group> <resource>`. */
export const REVIEWS: Readonly<Record<string, Review>> = {
  'authorization.k8s.io selfsubjectaccessreviews': { kind: 'SelfSubjectAccessReview', answer: accessReview },
  'authentication.k8s.io selfsubjectreviews': {
    kind: 'SelfSubjectReview',
    answer: (_, userInfo) => ({
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: `${new Date().toISOString().slice(0, 19)}Z` },
      status: { userInfo },
    }),
  },
};

/** The body of a review. @throws Refusal 400 */
export function parseReview({ kind }: Review, text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object') return body;
    throw new TypeError(`json: cannot unmarshal ${typeof body} into an object`);
  } catch (error) {
    const why = text === '' ? 'unexpected end of JSON input (<empty>)' : messageOf(error);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why}`,
    );
  }
}

function accessReview(body: unknown, user: User, access: Access): object {
  const spec = field(body, 'spec');
  const resource = field(spec, 'resourceAttributes');
  const path = field(spec, 'nonResourceAttributes');
  if (isObject(resource) === isObject(path)) {
    throw invalid(
      AUTHORIZATION,
      'spec.resourceAttributes',
      'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  const allowed = isAllowed(access, user, isObject(resource) ? resourceAction(resource) : pathAction(path));
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: `${AUTHORIZATION}/v1`,
    metadata: {},
    spec: isObject(resource) ? { resourceAttributes: resource } : { nonResourceAttributes: path },
    status: allowed ? { allowed, reason: BY_ROLE } : { allowed },
  };
}

const BY_ROLE = `RBAC: allowed by RoleBinding "cni-metrics-reader/kube-system" of Role "cni-metrics-reader" to Group "${READER_GROUP}"`;

function resourceAction(attributes: object): Action {
  const [resource, subresource] = [text(attributes, 'resource'), text(attributes, 'subresource')];
  const namespace = text(attributes, 'namespace');
  return {
    verb: text(attributes, 'verb'),
    group: text(attributes, 'group'),
    resource: subresource ? `${resource}/${subresource}` : resource,
    ...(namespace && { namespace }),
  };
}

const pathAction = (attributes: unknown): Action => ({
  verb: text(attributes, 'verb'),
  path: text(attributes, 'path'),
});

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function field(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}
