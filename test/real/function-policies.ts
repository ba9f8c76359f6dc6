import type { Entry } from '../../infra/entry.ts';
import { resourcesOf, templateOf } from '../support/stack-template.ts';
import { ACCOUNT } from './moto.ts';

/** The policies of the function's role, as CloudFormation attaches them to it; the state is in `bucket`. */
export function functionPolicies(changes: Partial<Entry>, bucket: string): readonly object[] {
  const arns: Readonly<Record<string, string>> = {
    '<State.Arn>': `arn:aws:s3:::${bucket}`,
    '<FunctionLogs.Arn>': `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:function`,
    '<Function.Arn>': `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:function`,
  };
  return resourcesOf(templateOf(changes), 'AWS::IAM::Policy')
    .filter(({ Roles }) => String(Roles) === '<FunctionRole>')
    .map(({ PolicyDocument }) =>
      JSON.parse(
        JSON.stringify(PolicyDocument).replaceAll(/<[\w.]+>/g, (name) => {
          const arn = arns[name];
          if (arn === undefined) throw new Error(`a policy names ${name}`);
          return arn;
        }),
      ),
    );
}
