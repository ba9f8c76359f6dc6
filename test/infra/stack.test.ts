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
            Prefix: 'cni-metrics/production.json.gz.set-aside-',
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
