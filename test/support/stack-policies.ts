import type { Entry } from '../../infra/entry.ts';
import { EXAMPLE, type Json, resourcesOf, templateOf } from './stack-template.ts';

/** What IAM judges a request by, as CloudFormation creates it. */
export interface StackPolicies {
  /** Attached to the function's role. */
  readonly role: readonly object[];
  /** Of the bucket with the state. */
  readonly bucket: object;
  /** Of VPC endpoints, by the last part of the service's name. */
  readonly endpoints: Readonly<Record<string, object>>;
}

const { account, region } = EXAMPLE;

export const ROLE_ARN = `arn:aws:iam::${account}:role/function`;
export const FUNCTION_ARN = `arn:aws:lambda:${region}:${account}:function:function`;

/** @param bucket name of the bucket with the state */
export function policiesOf(changes: Partial<Entry>, bucket: string): StackPolicies {
  const arns: Readonly<Record<string, string>> = {
    '<FunctionRole.Arn>': ROLE_ARN,
    '<Function.Arn>': FUNCTION_ARN,
    '<FunctionLogs.Arn>': `arn:aws:logs:${region}:${account}:log-group:function:*`,
    '<State.Arn>': `arn:aws:s3:::${bucket}`,
  };
  const resolved = (document: Json | undefined): object =>
    JSON.parse(
      JSON.stringify(document).replaceAll(/<[\w.]+>/g, (name) => {
        const arn = arns[name];
        if (arn === undefined) throw new Error(`a policy names ${name}`);
        return arn;
      }),
    );
  const template = templateOf(changes);
  const [ofBucket] = resourcesOf(template, 'AWS::S3::BucketPolicy');
  return {
    role: resourcesOf(template, 'AWS::IAM::Policy')
      .filter(({ Roles }) => String(Roles) === '<FunctionRole>')
      .map(({ PolicyDocument }) => resolved(PolicyDocument)),
    bucket: resolved(ofBucket?.PolicyDocument),
    endpoints: Object.fromEntries(
      resourcesOf(template, 'AWS::EC2::VPCEndpoint').map(({ ServiceName, PolicyDocument }) => [
        String(ServiceName).replace(/.*\./, ''),
        resolved(PolicyDocument),
      ]),
    ),
  };
}
