import { Match } from 'aws-cdk-lib/assertions';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../infra/config.ts';
import { CniMetricsStack } from '../../infra/stack.ts';
import {
  checkedApp,
  checkedTemplate,
  EXAMPLE,
  INLINE_CODE,
  outputsOf,
  resourcesOf,
  templateOf,
} from '../support/stack-template.ts';

function only(changes: Partial<Entry>, type: string) {
  const [resource, ...more] = resourcesOf(templateOf(changes), type);
  expect(more).toEqual([]);
  return resource;
}

describe('the function', () => {
  test('runs Node 24 on arm64 in the given subnets, within a minute', () => {
    expect(only({}, 'AWS::Lambda::Function')).toEqual({
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
          CLUSTER_ENDPOINT: EXAMPLE.cluster.endpoint,
          CLUSTER_CA: EXAMPLE.cluster.certificateAuthority,
          STATE_BUCKET: '<State>',
          STATE_KEY: 'cni-metrics/production.json.gz',
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
    expect(only(changes, 'AWS::Lambda::Function')).toMatchObject({
      Architectures: ['x86_64'],
      MemorySize: 1769,
      Timeout: 240,
      ReservedConcurrentExecutions: 1,
    });
  });

  test('lets debug lines through only where they are asked for', () => {
    expect(only({ settings: { LOG_LEVEL: 'debug' } }, 'AWS::Lambda::Function')).toMatchObject({
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
    });
  });

  test('never tries a tick again, nor one that is older than a minute', () => {
    expect(only({}, 'AWS::Lambda::EventInvokeConfig')).toEqual({
      FunctionName: '<Function>',
      Qualifier: '$LATEST',
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  test('keeps its log a month, or as long as the entry says', () => {
    expect(only({}, 'AWS::Logs::LogGroup')).toEqual({ RetentionInDays: 30 });
    expect(only({ function: { logRetentionDays: 365 } }, 'AWS::Logs::LogGroup')).toEqual({
      RetentionInDays: 365,
    });
  });
});

describe('the schedule', () => {
  test('calls every minute with the time, the execution and the attempt', () => {
    expect(only({}, 'AWS::Scheduler::Schedule')).toEqual({
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
    const schedule = only({ settings: { METRIC_UPDATE_INTERVAL: minutes } }, 'AWS::Scheduler::Schedule');
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
    expect(only({}, 'AWS::SQS::Queue')).toEqual({
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
    expect(only({}, 'AWS::SQS::QueuePolicy')).toMatchObject({
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
    expect(only({}, 'AWS::EKS::AccessEntry')).toEqual({
      ClusterName: 'production',
      PrincipalArn: '<FunctionRole.Arn>',
      KubernetesGroups: ['cni-metrics-reader'],
    });
  });

  test('is the policy AmazonEKSAdminViewPolicy in kube-system, on request', () => {
    expect(only({ access: 'admin-view-policy' }, 'AWS::EKS::AccessEntry')).toEqual({
      ClusterName: 'production',
      PrincipalArn: '<FunctionRole.Arn>',
      AccessPolicies: [
        {
          PolicyArn: 'arn:<AWS::Partition>:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy',
          AccessScope: { Type: 'namespace', Namespaces: ['kube-system'] },
        },
      ],
    });
  });

  test('is a command to paste where the cluster has aws-auth only', () => {
    const template = templateOf({ access: 'aws-auth' });
    template.resourceCountIs('AWS::EKS::AccessEntry', 0);
    expect(outputsOf(template).MapRole?.value).toBe(
      'eksctl create iamidentitymapping --cluster production --region eu-central-1 --arn <FunctionRole.Arn> --group cni-metrics-reader --username cni-metrics',
    );
  });
});

describe('the state bucket', () => {
  test('is private, encrypted, and forgets what was set aside', () => {
    expect(only({}, 'AWS::S3::Bucket')).toEqual({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'ForgetSetAside',
            Prefix: 'cni-metrics/production.json.gz.',
            ExpirationInDays: 90,
            Status: 'Enabled',
          },
          {
            Id: 'AbortUploads',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            Status: 'Enabled',
          },
        ],
      },
    });
  });

  test('takes TLS 1.2 and later only', () => {
    const everything = ['<State.Arn>', '<State.Arn>/*'];
    const refused = { Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Resource: everything };
    expect(only({}, 'AWS::S3::BucketPolicy')).toEqual({
      Bucket: '<State>',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { ...refused, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          { ...refused, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
        ],
      },
    });
  });

  test('outlives the stack, and says so', () => {
    const template = templateOf();
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasOutput('StateBucket', {
      Description: Match.stringLikeRegexp('stays when the stack is deleted'),
    });
  });

  test('goes with the stack on request', () => {
    const template = templateOf({ state: { removal: 'destroy' } });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
    template.hasOutput('StateBucket', { Description: Match.stringLikeRegexp('deleted with the stack') });
  });

  test('is all that the stack leaves behind', () => {
    const kept = Object.values(templateOf().toJSON().Resources).filter(
      (resource) => Object(resource).DeletionPolicy === 'Retain',
    );
    expect(kept).toEqual([expect.objectContaining({ Type: 'AWS::S3::Bucket' })]);
  });
});

test('outputs can be pasted into a shell', () => {
  expect(outputsOf(templateOf())).toEqual({
    RoleArn: expect.objectContaining({ value: '<FunctionRole.Arn>' }),
    Kubectl: expect.objectContaining({ value: 'kubectl apply -f infra/rbac.yaml' }),
    Invoke: expect.objectContaining({
      value: "aws lambda invoke --region eu-central-1 --function-name <Function> --payload '{}' /dev/stdout",
    }),
    StateBucket: expect.objectContaining({ value: '<State>' }),
  });
});

describe('the checks of the synth', () => {
  const careless = () => new CniMetricsStack(checkedApp(), EXAMPLE, INLINE_CODE);

  test('fail on a finding of cdk-nag', () => {
    const stack = careless();
    new Bucket(stack, 'Careless');
    expect(() => checkedTemplate(stack)).toThrow('AwsSolutions-S1');
  });

  test('fail on a finding of the built-in validator', () => {
    const stack = careless();
    new CfnLogGroup(stack, 'Careless', { retentionInDays: 2 });
    expect(() => checkedTemplate(stack)).toThrow('RetentionInDays: 2 is not one of');
  });
});

test('the template is the golden one; after a wanted change: vitest run test/infra/stack.test.ts -u', async () => {
  const template = `${JSON.stringify(templateOf().toJSON(), null, 2)}\n`;
  await expect(template).toMatchFileSnapshot('../golden/stack.template.json');
});
