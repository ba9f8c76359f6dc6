import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateNetworkInterfaceCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeClusterCommand, EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultStateKey } from '../../lambda/contract.ts';
import { ACCOUNT, type Moto } from './moto.ts';

/** A request close to one that the function makes. */
export interface Neighbor {
  readonly action: string;
  readonly resource: string;
  send(client: ReturnType<Moto['clientOf']>): Promise<unknown>;
}

export interface Places {
  readonly cluster: string;
  readonly otherCluster: string;
  /** Of the state. */
  readonly bucket: string;
  readonly otherBucket: string;
}

/** Everything that the function must not do, and somebody who has its role might try. */
export function neighborsOf({ cluster, otherCluster, bucket, otherBucket }: Places): readonly Neighbor[] {
  const key = defaultStateKey(cluster);
  const otherKey = defaultStateKey(otherCluster);
  const StartTime = new Date(0);
  const role = `arn:aws:iam::${ACCOUNT}:role/admin`;
  const clusterArn = (name: string) => `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/${name}`;
  const objectArn = (Bucket: string, Key: string) => `arn:aws:s3:::${Bucket}/${Key}`;
  const read = (Bucket: string, Key: string): Neighbor => ({
    action: 's3:GetObject',
    resource: objectArn(Bucket, Key),
    send: (client) => new S3Client(client).send(new GetObjectCommand({ Bucket, Key })),
  });
  const write = (Bucket: string, Key: string): Neighbor => ({
    action: 's3:PutObject',
    resource: objectArn(Bucket, Key),
    send: (client) => new S3Client(client).send(new PutObjectCommand({ Bucket, Key, Body: 'x' })),
  });
  return [
    ...[read, write].flatMap((request) => [
      request(bucket, otherKey),
      request(bucket, `${key}.old`),
      request(otherBucket, key),
    ]),
    read(bucket, `${key}.quarantine-2026-01-01T00:00:00.000Z`),
    {
      action: 's3:DeleteObject',
      resource: objectArn(bucket, key),
      send: (client) => new S3Client(client).send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    },
    {
      action: 's3:ListBucket',
      resource: `arn:aws:s3:::${otherBucket}`,
      send: (client) => new S3Client(client).send(new ListObjectsV2Command({ Bucket: otherBucket })),
    },
    {
      action: 's3:PutBucketPolicy',
      resource: `arn:aws:s3:::${bucket}`,
      send: (client) =>
        new S3Client(client).send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{}' })),
    },
    {
      action: 'eks:DescribeCluster',
      resource: clusterArn(otherCluster),
      send: (client) => new EKSClient(client).send(new DescribeClusterCommand({ name: otherCluster })),
    },
    {
      action: 'eks:ListClusters',
      resource: '*',
      send: (client) => new EKSClient(client).send(new ListClustersCommand({})),
    },
    {
      action: 'cloudwatch:GetMetricData',
      resource: '*',
      send: (client) =>
        new CloudWatchClient(client).send(
          new GetMetricDataCommand({ StartTime, EndTime: new Date(), MetricDataQueries: [] }),
        ),
    },
    {
      action: 'cloudwatch:PutMetricAlarm',
      resource: '*',
      send: (client) =>
        new CloudWatchClient(client).send(
          new PutMetricAlarmCommand({
            AlarmName: 'alarm',
            EvaluationPeriods: 1,
            ComparisonOperator: 'GreaterThanThreshold',
          }),
        ),
    },
    {
      action: 'ec2:DescribeVpcs',
      resource: '*',
      send: (client) => new EC2Client(client).send(new DescribeVpcsCommand({})),
    },
    {
      action: 'ec2:CreateNetworkInterface',
      resource: '*',
      send: (client) =>
        new EC2Client(client).send(new CreateNetworkInterfaceCommand({ SubnetId: 'subnet-01234567' })),
    },
    {
      action: 'sts:AssumeRole',
      resource: role,
      send: (client) =>
        new STSClient(client).send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'other' })),
    },
  ];
}
