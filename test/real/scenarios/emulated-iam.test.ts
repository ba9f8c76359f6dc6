import { CreateTagsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../../lambda/collect/report.ts';
import { defaultStateKey, holdingsKey } from '../../../lambda/contract.ts';
import type { Diagnosis } from '../../../lambda/diagnose/diagnose.ts';
import { BUCKET, clusterArn, FUNCTION_REQUESTS, objectArn } from '../../support/function-requests.ts';
import { policiesOf } from '../../support/stack-policies.ts';
import { EXAMPLE } from '../../support/stack-template.ts';
import { startBuiltFunction } from '../built-function.ts';
import { type EmulatedCluster, startEmulatedCluster } from '../emulated-cluster.ts';
import { ACCOUNT, type Session } from '../moto.ts';
import { type Neighbor, neighborsOf } from '../neighbor-requests.ts';
import { describeEmulated } from '../suite.ts';

const CLUSTER = EXAMPLE.cluster.name;
const PLACES = {
  cluster: CLUSTER,
  otherCluster: 'other',
  bucket: BUCKET,
  otherBucket: 'other-bucket',
};
const KEY = defaultStateKey(CLUSTER);

describeEmulated("moto's IAM, with the policies of the stack", (moto) => {
  const sessions = new Map<string, Session>();
  const sessionOf = (role: string): Session => {
    const session = sessions.get(role);
    if (!session) throw new Error(`no session of ${role}`);
    return session;
  };
  const clientOf = (role: string) => moto().clientOf(sessionOf(role));

  beforeAll(async () => {
    await moto().createBucket(BUCKET);
    await moto().createBucket(PLACES.otherBucket);
    const ec2 = new EC2Client(moto().clientOf());
    const { Subnets: [subnet] = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const Tags = [{ Key: `kubernetes.io/cluster/${CLUSTER}`, Value: 'owned' }];
    await ec2.send(new CreateTagsCommand({ Resources: [subnet?.SubnetId ?? ''], Tags }));
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/cluster`;
    for (const name of [CLUSTER, PLACES.otherCluster])
      await new EKSClient(moto().clientOf()).send(
        new CreateClusterCommand({ name, roleArn, resourcesVpcConfig: {} }),
      );
    for (const [role, { changes }] of Object.entries(FUNCTION_REQUESTS))
      await moto().createRole(role, policiesOf(changes, BUCKET).role);
    const anything = { Effect: 'Allow', Action: '*', Resource: '*' };
    await moto().createRole('admin', [{ Version: '2012-10-17', Statement: anything }]);
    for (const role of ['admin', ...Object.keys(FUNCTION_REQUESTS)])
      sessions.set(role, await moto().assumeRole(role));
    await moto().enforcePolicies();
  });

  const startCluster = (role: string) =>
    startEmulatedCluster(moto(), CLUSTER, sessionOf(role), { nodes: 3, seed: 1, now: Date.now() });
  const startFunction = ({ environment }: EmulatedCluster, settings: Readonly<Record<string, string>>) =>
    startBuiltFunction({ ...environment, STATE_BUCKET: BUCKET, ...settings }, 50_000);
  /** @param seconds from now; each tick is later than the one before */
  const tick = (seconds: number) => ({ scheduledTime: new Date(Date.now() + seconds * 1_000).toISOString() });
  const judged = (role: string) =>
    [...new Set(moto().verdicts(role))]
      .map((line) => line.replace(/quarantine-.*/, 'quarantine-<time>'))
      .sort();

  const allowed = (role: keyof typeof FUNCTION_REQUESTS) =>
    FUNCTION_REQUESTS[role].requests.map((request) => `allowed ${request}`).sort();

  test('a function with every setting makes these requests, and each is allowed', async () => {
    await using cluster = await startCluster('everything');
    const settings = {
      STATE_ENCRYPTION: 'AES256',
      SUBNET_METRICS: 'true',
      CLUSTER_ID_FROM: 'ec2-tags',
    };
    await using first = await startFunction(cluster, settings);
    await first.invoke<Report>(tick(1));
    const { published, warnings } = await first.invoke<Report>(tick(2));
    expect(published?.requests).toBe(1);
    // No instance is tagged.
    expect(warnings.map(({ code }) => code)).toEqual(['cluster-id-fallback']);

    const unusable = new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'unusable' });
    await new S3Client(clientOf('admin')).send(unusable);
    await using second = await startFunction(cluster, settings);
    const { warnings: ofSecond } = await second.invoke<Report>(tick(3));
    expect(ofSecond.map(({ code }) => code)).toContain('state-quarantined');

    const { CLUSTER_ENDPOINT, CLUSTER_CA, ...environment } = cluster.environment;
    await using third = await startFunction({ ...cluster, environment }, settings);
    const { steps } = await third.invoke<Diagnosis>({ diagnose: true });
    const answered = steps.filter(({ status }) => status === 'ok').map(({ name }) => name);
    expect(answered).toEqual([
      'configuration',
      'credentials',
      'describe-cluster',
      'cloudwatch',
      'state',
      'addresses',
    ]);

    expect(judged('everything')).toEqual(allowed('everything'));
  });

  test('a function with the defaults makes these, and each is allowed', async () => {
    await using cluster = await startCluster('defaults');
    await using lambda = await startFunction(cluster, {});
    const { published } = await lambda.invoke<Report>(tick(4));
    expect(published?.requests).toBe(1);
    const { steps } = await lambda.invoke<Diagnosis>({ diagnose: true });
    expect(steps.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(judged('defaults')).toEqual(allowed('defaults'));
  });

  describe.each(Object.keys(FUNCTION_REQUESTS))('the role of a function with %s may not make', (role) => {
    test.each(neighborsOf(PLACES))('$action on $resource', async ({ action, resource, send }) => {
      await expect(send(clientOf(role))).rejects.toThrow();
      expect(moto().verdicts(role).at(-1)).toBe(`denied ${action} ${resource}`);
    });
  });

  test.each<Neighbor>([
    {
      action: 'ec2:DescribeSubnets',
      resource: '*',
      send: (client) => new EC2Client(client).send(new DescribeSubnetsCommand({})),
    },
    {
      action: 'eks:DescribeCluster',
      resource: clusterArn(CLUSTER),
      send: (client) => new EKSClient(client).send(new DescribeClusterCommand({ name: CLUSTER })),
    },
    {
      action: 's3:PutObject',
      resource: objectArn(holdingsKey(KEY)),
      send: (client) =>
        new S3Client(client).send(
          new PutObjectCommand({ Bucket: BUCKET, Key: holdingsKey(KEY), Body: 'unusable' }),
        ),
    },
  ])('$action on $resource comes with the setting that needs it', async ({ action, resource, send }) => {
    await send(clientOf('everything'));
    expect(moto().verdicts('everything').at(-1)).toBe(`allowed ${action} ${resource}`);
    await expect(send(clientOf('defaults'))).rejects.toThrow();
    expect(moto().verdicts('defaults').at(-1)).toBe(`denied ${action} ${resource}`);
  });
});
