/** What the API server answers when it does not do what it was asked: its HTTP status and its Status object. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** A token to continue with, in a 410. */
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
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
}

export const unauthorized = () => new Refusal(401, 'Unauthorized', 'Unauthorized');

/** One thing that RBAC allows or not. */
export type Action = ResourceAction | PathAction;

interface ResourceAction {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  /** With its subresource: `pods/proxy`. */
  readonly resource: string;
  /** Undefined: the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
}

interface PathAction {
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export function forbidden(user: string, action: Action): Refusal {
  if ('path' in action) {
    const message = `forbidden: User "${user}" cannot ${action.verb} path "${action.path}"`;
    return new Refusal(403, 'Forbidden', message, { details: {} });
  }
  const { verb, group, resource, namespace, name } = action;
  const [kind = ''] = resource.split('/');
  const subject = `${kind}${group && `.${group}`}${name === undefined ? '' : ` "${name}"`}`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new Refusal(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`,
    { details: { ...(name !== undefined && { name }), ...(group && { group }), kind } },
  );
}

export const podNotFound = (name: string) =>
  new Refusal(404, 'NotFound', `pods "${name}" not found`, { details: { name, kind: 'pods' } });

export const unreachable = (why: string) =>
  new Refusal(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

/** No media type of the Accept header is one that the server has. */
export const notAcceptable = () =>
  new Refusal(406, 'NotAcceptable', '406: Not Acceptable\n\nAvailable representations: application/json', {
    details: {},
  });

/** The media types are known, but not in a form that was asked for. */
export const formNotAcceptable = () =>
  new Refusal(406, 'NotAcceptable', 'only the following media types are accepted: application/json');

export const methodNotAllowed = () =>
  new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });

export const addressNotAllowed = () => new Refusal(400, 'BadRequest', 'address not allowed');

/** @param field path of what is invalid */
export const invalid = (group: string, field: string, message: string) =>
  new Refusal(422, 'Invalid', `.${group} "" is invalid: ${field}: ${message}`, {
    details: { group, causes: [{ reason: 'FieldValueInvalid', message, field }] },
  });

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message);
