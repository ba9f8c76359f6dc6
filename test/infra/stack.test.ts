import { Match } from 'aws-cdk-lib/assertions';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../infra/entry.ts';
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
  test('is private, encrypted, and deletes old versions and quarantined state', () => {
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
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'DeleteQuarantined',
            Prefix: 'cni-metrics/production.json.gz.quarantine-',
            ExpirationInDays: 90,
            Status: 'Enabled',
          },
          {
            Id: 'DeleteOldVersions',
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            ExpiredObjectDeleteMarker: true,
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            Status: 'Enabled',
          },
        ],
      },
    });
  });

  test('accepts TLS 1.2 and later only, and writes of the function only', () => {
    const everything = ['<State.Arn>', '<State.Arn>/*'];
    const refused = { Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Resource: everything };
    expect(onlyResource({}, 'AWS::S3::BucketPolicy')).toEqual({
      Bucket: '<State>',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { ...refused, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          { ...refused, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
          {
            Sid: 'OnlyTheCollectorWrites',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: ['s3:PutObject', 's3:ReplicateObject'],
            Resource: '<State.Arn>/*',
            Condition: { ArnNotEquals: { 'aws:PrincipalArn': '<FunctionRole.Arn>' } },
          },
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

  test('and the log are all that the stack leaves behind, or nothing on request', () => {
    const kept = (changes: Partial<Entry>) =>
      Object.values(templateOf(changes).toJSON().Resources)
        .filter((resource) => Object(resource).DeletionPolicy === 'Retain')
        .map((resource) => Object(resource).Type);
    expect(kept({})).toEqual(['AWS::S3::Bucket', 'AWS::Logs::LogGroup']);
    expect(kept({ state: { removal: 'destroy' }, function: { logRemoval: 'destroy' } })).toEqual([]);
  });
});

describe('with a KMS key', () => {
  const kmsKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const key = { kmsKeyArn };

  test('state, log and queue are encrypted with it', () => {
    expect(onlyResource(key, 'AWS::S3::Bucket').BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKeyArn },
        },
      ],
    });
    expect(onlyResource(key, 'AWS::Logs::LogGroup').KmsKeyId).toBe(kmsKeyArn);
    expect(onlyResource(key, 'AWS::SQS::Queue').KmsMasterKeyId).toBe(kmsKeyArn);
    expect(Object(onlyResource(key, 'AWS::Lambda::Function').Environment).Variables.STATE_ENCRYPTION).toBe(
      kmsKeyArn,
    );
  });

  test('function and schedule may use it, the one for the state and the other for the queue', () => {
    const statements = resourcesOf(templateOf(key), 'AWS::IAM::Policy').flatMap(({ PolicyDocument }) =>
      Object(PolicyDocument).Statement.filter(({ Sid }: { Sid?: string }) => Sid === 'UseKey'),
    );
    const use = {
      Sid: 'UseKey',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: kmsKeyArn,
    };
    const by = (service: string) => ({
      ...use,
      Condition: { StringLike: { 'kms:ViaService': `${service}.eu-central-1.*` } },
    });
    expect(statements).toEqual([by('s3'), by('sqs')]);
  });
});

describe('dashboard and alarms', () => {
  const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';

  test('watch the id, the namespace and the function of the entry', () => {
    const settings = { AWS_CLUSTER_ID: 'blue', METRICS_NAMESPACE: 'Network' };
    const refused = resourcesOf(templateOf({ settings }), 'AWS::CloudWatch::Alarm').find(
      ({ MetricName }) => MetricName === 'nodesRefusingPods',
    );
    expect(refused).toMatchObject({
      Namespace: 'Network',
      Dimensions: [{ Name: 'CLUSTER_ID', Value: 'blue' }],
    });
  });

  test('send to the topic of the entry, with the changes asked for', () => {
    const overrides = { podsRefused: { threshold: 3 }, heartbeat: false };
    const template = templateOf({ alarms: { topicArn: TOPIC, overrides } });
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
    expect(new Set(alarms.map(({ AlarmActions }) => String(AlarmActions)))).toEqual(new Set([TOPIC]));
    expect(alarms.find(({ MetricName }) => MetricName === 'noAvailableIPAddresses')?.Threshold).toBe(3);
    expect(alarms.filter(({ AlarmName }) => String(AlarmName).endsWith('-heartbeat'))).toEqual([]);
  });

  /** The topics of the alarms of each severity. */
  const topicsIn = (changes: Partial<Entry>) => {
    const alarms = resourcesOf(templateOf(changes), 'AWS::CloudWatch::Alarm');
    const of = (severity: string) =>
      new Set(
        alarms
          .filter(({ AlarmDescription }) => String(AlarmDescription).startsWith(severity))
          .map(({ AlarmActions }) => String(AlarmActions)),
      );
    return { critical: [...of('CRITICAL')], warning: [...of('WARNING')] };
  };

  test('warnings can have a topic of their own', () => {
    expect(topicsIn({ alarms: { topicArn: TOPIC, warningTopicArn: `${TOPIC}-2` } })).toEqual({
      critical: [TOPIC],
      warning: [`${TOPIC}-2`],
    });
  });

  test('an e-mail address brings a topic for each severity, to which only alarms of the account publish', () => {
    const changes: Partial<Entry> = { alarms: { email: 'on-call@example.com' } };
    expect(topicsIn(changes)).toEqual({
      critical: ['<AlarmTopicsCritical>'],
      warning: ['<AlarmTopicsWarning>'],
    });
    const template = templateOf(changes);
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toEqual(
      ['<AlarmTopicsCritical>', '<AlarmTopicsWarning>'].map((topic) => ({
        TopicArn: topic,
        Protocol: 'email',
        Endpoint: 'on-call@example.com',
        // A new alarm that becomes OK is no news.
        FilterPolicyScope: 'MessageBody',
        FilterPolicy: { $or: [{ NewStateValue: ['ALARM'] }, { OldStateValue: ['ALARM'] }] },
      })),
    );
    expect(resourcesOf(template, 'AWS::SNS::TopicPolicy')[0]).toMatchObject({
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Sid: 'AlarmsPublish',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: '<AlarmTopicsCritical>',
            Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
          },
        ],
      },
    });
  });

  test('without a topic a warning says that nobody is notified', () => {
    const stack = new CniMetricsStack(checkedApp(), { ...EXAMPLE, alarms: {} }, INLINE_CODE);
    expect(() => checkedTemplate(stack)).toThrow('The alarms notify nobody: set alarms.topicArn or');
    expect(() => templateOf({ alarms: false })).not.toThrow();
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

describe('settings of an organization', () => {
  test('tags are on every resource that can have them', () => {
    const template = templateOf({ tags: { team: 'network', 'cost-center': '42' } });
    const resources: object[] = Object.values(template.toJSON().Resources);
    const tagged = resources.filter((resource) => JSON.stringify(resource).includes('"cost-center"'));
    expect(new Set(tagged.map((resource) => Object(resource).Type))).toEqual(
      new Set([
        'AWS::S3::Bucket',
        'AWS::EC2::SecurityGroup',
        'AWS::Logs::LogGroup',
        'AWS::IAM::Role',
        'AWS::Lambda::Function',
        'AWS::EKS::AccessEntry',
        'AWS::SQS::Queue',
        'AWS::CloudWatch::Alarm',
        'AWS::CloudWatch::CompositeAlarm',
        'AWS::CloudWatch::Dashboard',
      ]),
    );
  });

  test('the permissions boundary is on every role', () => {
    const permissionsBoundary = 'arn:aws:iam::111122223333:policy/boundary';
    const changes: Partial<Entry> = { permissionsBoundary, state: { removal: 'destroy' } };
    const roles = resourcesOf(templateOf(changes), 'AWS::IAM::Role');
    expect(roles).toHaveLength(3);
    expect(new Set(roles.map(({ PermissionsBoundary }) => PermissionsBoundary))).toEqual(
      new Set([permissionsBoundary]),
    );
  });

  test('the qualifier of the bootstrap is that of the roles that deploy', () => {
    const stack = new CniMetricsStack(checkedApp(), { ...EXAMPLE, bootstrapQualifier: 'team1' }, INLINE_CODE);
    expect(checkedTemplate(stack).toJSON().Parameters.BootstrapVersion.Default).toBe(
      '/cdk-bootstrap/team1/version',
    );
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
