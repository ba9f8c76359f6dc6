import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CniDashboard, type CniDashboardProps } from '../../infra/dashboard/dashboard.ts';
import { dashboardOf } from '../../local/page/deployment.ts';
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
  return dashboardOf(Template.fromStack(stack), REGION).dashboard;
}
