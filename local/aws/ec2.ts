import type { Ec2Action } from './ec2-action.ts';
import { readDescribe } from './ec2-query.ts';
import {
  type AwsAccount,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  startAwsEndpoint,
} from './endpoint.ts';
import { document, element } from './xml.ts';

export interface Ec2Endpoint extends AwsEndpoint {
  /** Actions that the role is not allowed; may be changed at any time. */
  readonly denied: Set<string>;
}

/**
 * EC2's Query API, read-only.
 * @param actions by name, for example `DescribeSubnets`
 * @param pageSize resources a page, below what the caller asks for: EC2 may return fewer than MaxResults
 */
export async function startEc2(
  account: AwsAccount,
  actions: Readonly<Record<string, Ec2Action>>,
  pageSize = 1000,
): Promise<Ec2Endpoint> {
  const denied = new Set<string>();
  const endpoint = await startAwsEndpoint(
    {
      signingName: 'ec2',
      unknownKey: 'AuthFailure',
      render,
      serve({ method, headers, body }) {
        const type = String(headers['content-type'] ?? '').split(';')[0];
        if (method !== 'POST' || type !== 'application/x-www-form-urlencoded') {
          throw new AwsRefusal('InvalidRequest', 'The request received was invalid.');
        }
        const parameters = new URLSearchParams(body.toString());
        const name = parameters.get('Action') ?? '';
        const action = actions[name];
        if (!action)
          throw new AwsRefusal('InvalidAction', `The action ${name} is not valid for this web service.`);
        if (denied.has(name))
          throw new AwsRefusal('UnauthorizedOperation', `not authorized to perform: ec2:${name}`, 403);
        if (parameters.get('Version') !== '2016-11-15') {
          throw new AwsRefusal('NoSuchVersion', 'The requested version is not valid.');
        }
        const { resources, nextToken } = readDescribe(action, parameters, pageSize);
        const response = element(`${name}Response`, {
          requestId: crypto.randomUUID(),
          [action.set]: resources.map(({ xml }) => xml),
          nextToken,
        });
        return {
          status: 200,
          headers: { 'content-type': 'text/xml;charset=UTF-8' },
          body: document(response),
        };
      },
    },
    account,
  );
  return { ...endpoint, denied };
}

function render({ status, code, message }: AwsError) {
  const response = element('Response', {
    Errors: { Error: { Code: code, Message: message } },
    RequestID: crypto.randomUUID(),
  });
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: document(response) };
}
