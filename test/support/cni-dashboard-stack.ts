import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CniDashboard, type CniDashboardProps } from '../../infra/dashboard/dashboard.ts';
import { FUNCTION_ARN } from './cni-alarms-stack.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';

/** The body of the dashboard, as CloudWatch gets it, of a stack with nothing else. */
export function dashboardBody(props: (stack: Stack) => Partial<CniDashboardProps> = () => ({})): unknown {
  const stack = new Stack(new App(), 'Dashboard', { env: { account: ACCOUNT, region: REGION } });
  new CniDashboard(stack, 'Dashboard', {
    clusterName: 'prod',
    clusterId: 'prod',
    function: LambdaFunction.fromFunctionArn(stack, 'Function', FUNCTION_ARN),
    timeoutSeconds: 45,
    logGroup: LogGroup.fromLogGroupName(stack, 'Log', '/aws/lambda/collector'),
    intervalMinutes: 1,
    subnetMetrics: true,
    hasPods: true,
    runbookUrl: 'https://example.com/runbook.md',
    ...props(stack),
  });
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  return JSON.parse(resolved(dashboard?.Properties.DashboardBody));
}

type Token = string | { 'Fn::Join': ['', Token[]] } | { Ref: string } | { 'Fn::GetAtt': [string, string] };

/** What CloudFormation makes of the body. */
function resolved(token: Token): string {
  if (typeof token === 'string') return token;
  if ('Fn::Join' in token) return token['Fn::Join'][1].map(resolved).join('');
  if ('Fn::GetAtt' in token) return `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${token['Fn::GetAtt'][0]}`;
  if (token.Ref === 'AWS::Region') return REGION;
  throw new Error(`The dashboard refers to ${token.Ref}`);
}
