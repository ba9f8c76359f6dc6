import { beforeEach, expect, test } from 'vitest';
import { clusterSubnets } from '../../../../lambda/adapters/aws/subnets.ts';
import type { AwsEndpoint, AwsFault } from '../../../../local/aws/endpoint.ts';
import { type SubnetSeed, subnetAction, subnetResource } from '../../../../local/aws/vpc.ts';
import { ACCOUNT, ec2For } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const SUBNETS: SubnetSeed[] = [
  {
    id: 'subnet-a',
    vpcId: 'vpc-1',
    cidr: '10.0.0.0/20',
    available: 3210,
    tags: { 'kubernetes.io/cluster/prod': 'owned', Name: 'a & <b>' },
  },
  {
    id: 'subnet-b',
    vpcId: 'vpc-1',
    cidr: '10.0.16.0/24',
    available: 7,
    tags: { 'karpenter.sh/discovery': 'prod' },
  },
  {
    id: 'subnet-c',
    vpcId: 'vpc-1',
    cidr: '100.64.0.0/18',
    available: 16_379,
    tags: { 'kubernetes.io/role/cni': '1' },
  },
  {
    id: 'subnet-d',
    vpcId: 'vpc-2',
    cidr: '10.9.0.0/24',
    available: 1,
    tags: { 'kubernetes.io/role/cni': '1' },
  },
  { id: 'subnet-e', vpcId: 'vpc-1', cidr: '10.0.17.0/28', available: 11 },
  { id: 'subnet-f', vpcId: 'vpc-1', available: 0, tags: { 'kubernetes.io/cluster/prod': 'shared' } },
];

let ec2: AwsEndpoint;
let fault: AwsFault | undefined;
let pageSize = 1000;

beforeEach(() => {
  fault = undefined;
  pageSize = 1000;
});

/** What the settings and EKS name. */
interface Given {
  clusterName?: string;
  ids?: readonly string[];
  vpcId?: string;
}

async function read({ clusterName = 'prod', ids = [], vpcId }: Given = {}, ms?: number) {
  const seeds = SUBNETS.map(subnetResource);
  ec2 = await ec2For({ DescribeSubnets: subnetAction(() => seeds) }, pageSize);
  ec2.faults.always = fault;
  const endpoint = { url: new URL('https://api.example'), ca: '' };
  const eks =
    vpcId === undefined
      ? undefined
      : {
          describe: async () => ({ endpoint, vpcId, subnetIds: [] }),
          forget: () => {},
        };
  return clusterSubnets({ clusterName, region: ACCOUNT.region, ids, eks })(deadlineIn(ms));
}

test('finds the subnets by tag and by id in one query each', async () => {
  const reading = await read({ ids: ['subnet-e'] });

  expect(reading).toEqual({
    subnets: [
      {
        id: 'subnet-a',
        vpcId: 'vpc-1',
        prefix: 20,
        cidr: '10.0.0.0/20',
        ownerId: '111122223333',
        available: 3210,
        tags: new Map([
          ['kubernetes.io/cluster/prod', 'owned'],
          ['Name', 'a & <b>'],
        ]),
      },
      expect.objectContaining({ id: 'subnet-b', prefix: 24, available: 7 }),
      expect.objectContaining({ id: 'subnet-c', prefix: 18, available: 16_379 }),
      expect.objectContaining({ id: 'subnet-e', prefix: 28, available: 11 }),
      expect.objectContaining({ id: 'subnet-f', prefix: undefined, available: 0 }),
    ],
  });
  expect(ec2.requests).toHaveLength(2);
});

test('asks only inside the VPC where it is known', async () => {
  const { subnets } = await read({ vpcId: 'vpc-2' });

  expect(subnets.map(({ id }) => id)).toEqual(['subnet-d']);
  expect(String(ec2.requests[0]?.body)).toContain('Filter.2.Name=vpc-id');
});

test('reads every page', async () => {
  pageSize = 2;
  const { subnets } = await read();

  expect(subnets.map(({ id }) => id)).toEqual(['subnet-a', 'subnet-b', 'subnet-c', 'subnet-f']);
  expect(ec2.requests).toHaveLength(3);
});

test('asks for 200 subnets at a time, since their tags must fit into memory', async () => {
  const seeds = Array.from({ length: 1_000 }, (_, index) =>
    subnetResource({
      id: `subnet-${index}`,
      vpcId: 'vpc-1',
      available: 0,
      tags: { 'kubernetes.io/role/cni': '1', 'karpenter.sh/discovery': 'prod' },
    }),
  );
  const { requests } = await ec2For({ DescribeSubnets: subnetAction(() => seeds) });
  const { subnets } = await clusterSubnets({
    clusterName: 'prod',
    region: ACCOUNT.region,
    ids: [],
    eks: undefined,
  })(deadlineIn());
  expect(subnets).toHaveLength(1_000);
  expect(requests).toHaveLength(5);
});

test('an id that EC2 does not have is named, and the others are read', async () => {
  const reading = await read({ ids: ['subnet-e', 'subnet-gone', 'subnet-gone'] });

  expect(reading.subnets).toHaveLength(5);
  expect(reading.warning).toBe('EC2 has no subnet subnet-gone in this account and region');
});

test('names the tags it looked for when it finds no subnet', async () => {
  expect(await read({ clusterName: 'other', vpcId: 'vpc-3' })).toEqual({
    subnets: [],
    warning:
      'no subnet is tagged kubernetes.io/cluster/other, karpenter.sh/discovery=other or kubernetes.io/role/cni=1; set SUBNET_IDS',
    remedy:
      'Check CLUSTER_NAME, and set SUBNET_IDS to subnets of this account and region, or SUBNET_METRICS=false.',
  });
});

test('a missing permission is named, and the request is not repeated', async () => {
  fault = { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized.' };

  expect(await read()).toEqual({
    subnets: [],
    warning:
      'DescribeSubnets in eu-central-1 failed (UnauthorizedOperation: You are not authorized.): allow ec2:DescribeSubnets',
  });
  expect(ec2.requests).toHaveLength(1);
});

test('throttling is tried once more and then reported', async () => {
  fault = { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' };

  expect(await read()).toEqual({
    subnets: [],
    warning: 'DescribeSubnets in eu-central-1 failed (RequestLimitExceeded: Request limit exceeded.)',
  });
  expect(ec2.requests).toHaveLength(2);
});

test('a missing answer of EC2 ends at the deadline', async () => {
  fault = 'hang';

  expect(await read({}, 50)).toEqual({
    subnets: [],
    warning:
      'no answer from EC2 in eu-central-1 within 50 ms: give the function a network path to EC2 (interface endpoint ec2 or NAT)',
  });
});

test('a closed port is a warning', async () => {
  await (await ec2For({})).close();
  const { subnets, warning } = await clusterSubnets({
    clusterName: 'prod',
    region: ACCOUNT.region,
    ids: [],
    eks: undefined,
  })(deadlineIn());
  expect(subnets).toEqual([]);
  expect(warning).toMatch(/ECONNREFUSED.*: give the function a network path to EC2/);
});
