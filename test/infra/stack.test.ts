import { Match } from 'aws-cdk-lib/assertions';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { CniMetricsStack } from '../../infra/stack.ts';
import {
  checkedApp,
  checkedTemplate,
  EXAMPLE,
  INLINE_CODE,
  onlyResource,
  outputsOf,
  resourcesOf,
  templateOf,
} from '../support/stack-template.ts';

describe('the state bucket', () => {
  test('is private, encrypted, and forgets what was set aside', () => {
    expect(onlyResource({}, 'AWS::S3::Bucket')).toEqual({
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
            Prefix: 'cni-metrics/production.json.gz.quarantine-',
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
    expect(onlyResource({}, 'AWS::S3::BucketPolicy')).toEqual({
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
      Description: Match.stringLikeRegexp('retained when the stack is deleted'),
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

describe('dashboard and alarms', () => {
  const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';

  test('watch the id, the namespace and the function of the entry', () => {
    const settings = { AWS_CLUSTER_ID: 'blue', METRICS_NAMESPACE: 'Network' };
    const refused = resourcesOf(templateOf({ settings }), 'AWS::CloudWatch::Alarm').find(
      ({ MetricName }) => MetricName === 'noAvailableIPAddresses',
    );
    expect(refused).toMatchObject({
      Namespace: 'Network',
      Dimensions: [{ Name: 'CLUSTER_ID', Value: 'blue' }],
    });
  });

  test('tell the topic that is named, with the changes asked for', () => {
    const overrides = { podsRefused: { threshold: 3 }, heartbeat: false };
    const template = templateOf({ alarms: { topicArn: TOPIC, overrides } });
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
    expect(new Set(alarms.map(({ AlarmActions }) => String(AlarmActions)))).toEqual(new Set([TOPIC]));
    expect(alarms.find(({ MetricName }) => MetricName === 'noAvailableIPAddresses')?.Threshold).toBe(3);
    expect(alarms.filter(({ AlarmName }) => String(AlarmName).endsWith('-heartbeat'))).toEqual([]);
  });

  test('can each be left out', () => {
    const bare = templateOf({ dashboard: false, alarms: false });
    bare.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    bare.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    bare.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    expect(outputsOf(bare)).not.toHaveProperty('Dashboard');
    templateOf({ alarms: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
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
