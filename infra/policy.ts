import { type Acknowledgment, ArnFormat, CfnElement, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { holdingsKey } from '../lambda/contract.ts';
import { ec2Actions, namespaceOf, type Settings } from './settings.ts';
import type { Endpoint } from './vpc-endpoints.ts';

/**
 * What Lambda itself does with the function's role to place it in a VPC; EC2 has no narrower resource.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const VPC_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

interface Rights {
  readonly clusterName: string;
  /** The services that the function calls. */
  readonly calls: readonly Endpoint[];
  readonly logGroupArn: string;
  readonly bucket: Bucket;
  readonly stateKey: string;
  readonly settings: Settings;
  readonly encryptionKey: IKey | undefined;
}

/** Everything the function may do: one named statement for each reason. */
export function statements(scope: Construct, rights: Rights): PolicyStatement[] {
  const { settings, calls, bucket, stateKey } = rights;
  const ec2 = ec2Actions(settings);
  const holdings = settings.SUBNET_METRICS ? [bucket.arnForObjects(holdingsKey(stateKey))] : [];
  return [
    // Its own log.
    new PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [rights.logGroupArn],
    }),
    // CloudWatch has no resource level for this action; the namespace is the narrowest condition there is.
    ...(calls.includes('monitoring')
      ? [
          new PolicyStatement({
            sid: 'PublishMetrics',
            actions: ['cloudwatch:PutMetricData'],
            resources: ['*'],
            conditions: { StringEquals: { 'cloudwatch:namespace': namespaceOf(settings) } },
          }),
        ]
      : []),
    // The state of the last cycle, and who holds the addresses of the subnets.
    new PolicyStatement({
      sid: 'ReadState',
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects(stateKey), ...holdings],
    }),
    // The second form is for unusable state, which is quarantined beside the key.
    new PolicyStatement({
      sid: 'WriteState',
      actions: ['s3:PutObject'],
      resources: [
        bucket.arnForObjects(stateKey),
        bucket.arnForObjects(`${stateKey}.quarantine-*`),
        ...holdings,
      ],
    }),
    // Of the state, where it is encrypted with a key of the customer: through S3 alone, so for nothing else that the account
    // encrypts with the key. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    ...(rights.encryptionKey
      ? [
          new PolicyStatement({
            sid: 'UseKey',
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            resources: [rights.encryptionKey.keyArn],
            conditions: { StringLike: { 'kms:ViaService': `s3.${Stack.of(scope).region}.*` } },
          }),
        ]
      : []),
    // Lists nothing: without it S3 answers 403 rather than 404 for state that does not exist yet. IfExists,
    // since it is not documented whether the check inside GetObject carries a prefix.
    new PolicyStatement({
      sid: 'TellMissingState',
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLikeIfExists: { 's3:prefix': `${stateKey}*` } },
    }),
    // Endpoint and CA, where they are not given.
    ...(calls.includes('eks')
      ? [
          new PolicyStatement({
            sid: 'DescribeCluster',
            actions: ['eks:DescribeCluster'],
            resources: [
              Stack.of(scope).formatArn({
                service: 'eks',
                resource: 'cluster',
                resourceName: rights.clusterName,
                arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
              }),
            ],
          }),
        ]
      : []),
    // Tags or subnets, where the settings need them; EC2's Describe calls have no resource level.
    ...(ec2.length > 0 ? [new PolicyStatement({ sid: 'ReadEc2', actions: [...ec2], resources: ['*'] })] : []),
    new PolicyStatement({ sid: 'PlaceInVpc', actions: VPC_ACTIONS, resources: ['*'] }),
  ];
}

/** Why the wildcards in these statements stay, for cdk-nag. */
export function acknowledgements({ bucket, stateKey }: Rights): Acknowledgment[] {
  const resource = bucket.node.defaultChild;
  const bucketId = CfnElement.isCfnElement(resource) ? bucket.stack.getLogicalId(resource) : '';
  return [
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'PutMetricData and the EC2 calls have no resource level; conditions narrow them where there are any.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${stateKey}.quarantine-*]`,
      reason: 'Unusable state is quarantined under its time.',
    },
  ];
}

/**
 * Takes the VPC rights away from the code of the function, so that only Lambda itself can use them.
 * A statement of a policy of its own: it names the function, which needs the other statements to exist.
 */
export function denyVpcToCode(functionArn: string, settings: Settings): PolicyStatement {
  const used = ec2Actions(settings);
  return new PolicyStatement({
    sid: 'DenyVpcToCode',
    effect: Effect.DENY,
    actions: VPC_ACTIONS.filter((action) => !used.includes(action)),
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
  });
}
