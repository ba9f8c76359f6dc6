import { describe, expect, test } from 'vitest';
import type { Entry } from '../../infra/entry.ts';
import { EXAMPLE, onlyResource, outputsOf, templateOf } from '../support/stack-template.ts';

describe('the function', () => {
  test('runs Node 24 on arm64 in the given subnets, within a minute', () => {
    expect(onlyResource({}, 'AWS::Lambda::Function')).toEqual({
      Description: 'Collects the CNI metrics of an EKS cluster',
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: expect.anything(),
      MemorySize: 512,
      Timeout: 50,
      Role: '<FunctionRole.Arn>',
      LoggingConfig: { LogFormat: 'JSON', LogGroup: '<FunctionLogs>' },
      Environment: {
        Variables: {
          CLUSTER_NAME: 'production',
          NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=384',
          CLUSTER_ENDPOINT: EXAMPLE.cluster.endpoint,
          CLUSTER_CA: EXAMPLE.cluster.certificateAuthority,
          STATE_BUCKET: '<State>',
          STATE_KEY: 'cni-metrics/production.json.gz',
          STATE_ENCRYPTION: 'AES256',
        },
      },
      VpcConfig: {
        SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        SecurityGroupIds: ['<NetworkSecurityGroup.GroupId>'],
      },
    });
  });

  test('takes its size from the entry', () => {
    const changes: Partial<Entry> = {
      function: {
        memoryMb: 1769,
        timeoutSeconds: 240,
        architecture: 'x86_64',
        reservedConcurrency: true,
      },
      settings: { METRIC_UPDATE_INTERVAL: 5 },
    };
    expect(onlyResource(changes, 'AWS::Lambda::Function')).toMatchObject({
      Architectures: ['x86_64'],
      MemorySize: 1769,
      Timeout: 240,
      ReservedConcurrentExecutions: 1,
    });
  });

  test('lets debug lines through only where they are asked for', () => {
    expect(onlyResource({ settings: { LOG_LEVEL: 'debug' } }, 'AWS::Lambda::Function')).toMatchObject({
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
    });
  });

  test('never tries a tick again, nor one that is older than a minute', () => {
    expect(onlyResource({}, 'AWS::Lambda::EventInvokeConfig')).toEqual({
      FunctionName: '<Function>',
      Qualifier: '$LATEST',
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  test('keeps its log a month, or as long as the entry says', () => {
    expect(onlyResource({}, 'AWS::Logs::LogGroup')).toEqual({ RetentionInDays: 30 });
    expect(onlyResource({ function: { logRetentionDays: 365 } }, 'AWS::Logs::LogGroup')).toEqual({
      RetentionInDays: 365,
    });
  });
});

describe('the schedule', () => {
  test('calls every minute with the time, the execution and the attempt', () => {
    expect(onlyResource({}, 'AWS::Scheduler::Schedule')).toEqual({
      Description: 'Collects the CNI metrics of an EKS cluster',
      ScheduleExpression: 'rate(1 minute)',
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        Arn: '<Function.Arn>',
        RoleArn: '<ScheduleRole.Arn>',
        DeadLetterConfig: { Arn: '<ScheduleDeadLetters.Arn>' },
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
        Input: JSON.stringify({
          scheduledTime: '<aws.scheduler.scheduled-time>',
          executionId: '<aws.scheduler.execution-id>',
          attemptNumber: '<aws.scheduler.attempt-number>',
        }),
      },
    });
  });

  test.each([
    [2, 'rate(2 minutes)'],
    [60, 'rate(1 hour)'],
  ])('METRIC_UPDATE_INTERVAL %d is %s', (minutes, rate) => {
    const schedule = onlyResource(
      { settings: { METRIC_UPDATE_INTERVAL: minutes } },
      'AWS::Scheduler::Schedule',
    );
    expect(schedule?.ScheduleExpression).toBe(rate);
  });

  test('waits for the role to be known to the cluster and allowed to call', () => {
    const schedules = templateOf().findResources('AWS::Scheduler::Schedule');
    expect(Object.values(schedules)[0]?.DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^CniMetricsAccess/),
        expect.stringMatching(/^CniMetricsScheduleRoleDefaultPolicy/),
        expect.stringMatching(/^CniMetricsFunctionDenied/),
      ]),
    );
  });

  test('keeps ticks that could not be handed over for two weeks, encrypted', () => {
    expect(onlyResource({}, 'AWS::SQS::Queue')).toEqual({
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
    expect(onlyResource({}, 'AWS::SQS::QueuePolicy')).toMatchObject({
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });
});

describe('access to the cluster', () => {
  test('is an access entry with the group of rbac.yaml', () => {
    expect(onlyResource({}, 'AWS::EKS::AccessEntry')).toEqual({
      ClusterName: 'production',
      PrincipalArn: '<FunctionRole.Arn>',
      KubernetesGroups: ['cni-metrics-reader'],
    });
  });

  test('is an access entry with the group of rbac-node.yaml where nodes are read directly', () => {
    const { KubernetesGroups } = onlyResource({ settings: { SCRAPE_VIA: 'node' } }, 'AWS::EKS::AccessEntry');
    expect(KubernetesGroups).toEqual(['cni-metrics-lister']);
  });

  test('is a command to paste where the cluster has aws-auth only', () => {
    const template = templateOf({ access: 'aws-auth' });
    template.resourceCountIs('AWS::EKS::AccessEntry', 0);
    expect(outputsOf(template).MapRole?.value).toBe(
      'eksctl create iamidentitymapping --cluster production --region eu-central-1 --arn <FunctionRole.Arn> --group cni-metrics-reader --username cni-metrics',
    );
  });
});
