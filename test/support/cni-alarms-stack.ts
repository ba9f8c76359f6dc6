import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CniAlarms, type CniAlarmsProps } from '../../infra/alarms/alarms.ts';

export const CLUSTER = { namespace: 'Kubernetes', clusterId: 'prod' } as const;
export const FUNCTION_NAME = 'collector';
export const FUNCTION_ARN = `arn:aws:lambda:eu-central-1:111122223333:function:${FUNCTION_NAME}`;
export const QUEUE_NAME = 'dead-letters';

const topic = (name: string) =>
  Topic.fromTopicArn(new Stack(), name, `arn:aws:sns:eu-central-1:111122223333:${name}`);
export const TOPICS = { critical: topic('pager'), warning: topic('chat') } as const;

/** A stack of the alarms alone, around a function and a queue that exist, so that their names are literal. */
export function alarmsStack(props: Partial<CniAlarmsProps> = {}): Template {
  const stack = new Stack(new App(), 'Alarms', { env: { account: '111122223333', region: 'eu-central-1' } });
  new CniAlarms(stack, 'Alarms', {
    clusterId: CLUSTER.clusterId,
    function: LambdaFunction.fromFunctionArn(stack, 'Function', FUNCTION_ARN),
    timeoutSeconds: 45,
    intervalMinutes: 1,
    subnetMetrics: true,
    hasPods: true,
    deadLetterQueue: Queue.fromQueueArn(
      stack,
      'Queue',
      `arn:aws:sqs:eu-central-1:111122223333:${QUEUE_NAME}`,
    ),
    runbookUrl: 'https://example.com/runbook.md',
    ...props,
  });
  return Template.fromStack(stack);
}
