/** What the API server answers when it does not do what it was asked: its HTTP status and its Status object. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** A token to go on with, in a 410. */
  readonly continue: string | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    more: { details?: StatusDetails; continue?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = more.details;
    this.continue = more.continue;
  }

  /** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
  toStatus(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

interface StatusDetails {
  readonly name?: string;
  readonly kind: string;
}

export const unauthorized = () => new Refusal(401, 'Unauthorized', 'Unauthorized');

/** One thing that RBAC allows or not. */
export interface Action {
  readonly verb: string;
  /** With its subresource: `pods/proxy`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
}

export function forbidden(user: string, { verb, resource, namespace, name }: Action): Refusal {
  const [kind = ''] = resource.split('/');
  const subject = name === undefined ? kind : `${kind} "${name}"`;
  return new Refusal(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" in the namespace "${namespace}"`,
    { details: { ...(name !== undefined && { name }), kind } },
  );
}

export const podNotFound = (name: string) =>
  new Refusal(404, 'NotFound', `pods "${name}" not found`, { details: { name, kind: 'pods' } });

export const unreachable = (why: string) =>
  new Refusal(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

export const notAcceptable = () =>
  new Refusal(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, ' +
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  );

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message);
