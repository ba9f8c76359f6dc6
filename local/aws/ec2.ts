import { readDescribe } from './ec2-query.ts';
import {
  type AwsAccount,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  startAwsEndpoint,
} from './endpoint.ts';
import { element, type XmlContent } from './xml.ts';

/** A kind of thing that EC2 describes: how to ask for it, what to filter by, and how it is written. */
export interface Ec2Action {
  /** Parameter of the ids, for example `SubnetId`; undefined: there is none. */
  readonly idParameter?: string;
  /** Code of the refusal of an id that does not exist. */
  readonly notFound?: string;
  /** Element that holds the items. */
  readonly set: string;
  things(): readonly Ec2Thing[];
}

export interface Ec2Thing {
  readonly id: string;
  /** By name of the filter, without tags. */
  readonly filters: Readonly<Record<string, string | readonly string[]>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly xml: XmlContent;
}

/**
 * EC2's Query API, read-only.
 * @param actions by name, for example `DescribeSubnets`
 * @param pageSize things a page, below what the caller asks for: EC2 may return fewer than MaxResults
 */
export function startEc2(
  account: AwsAccount,
  actions: Readonly<Record<string, Ec2Action>>,
  pageSize = 1000,
): Promise<AwsEndpoint> {
  return startAwsEndpoint(
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
        if (parameters.get('Version') !== '2016-11-15') {
          throw new AwsRefusal('NoSuchVersion', 'The requested version is not valid.');
        }
        const { things, nextToken } = readDescribe(action, parameters, pageSize);
        const response = element(`${name}Response`, {
          requestId: crypto.randomUUID(),
          [action.set]: things.map(({ xml }) => xml),
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
}

const document = (content: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${content}`;

function render({ status, code, message }: AwsError) {
  const response = element('Response', {
    Errors: { Error: { Code: code, Message: message } },
    RequestID: crypto.randomUUID(),
  });
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: document(response) };
}
