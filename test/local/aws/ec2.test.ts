import {
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  EC2ServiceException,
} from '@aws-sdk/client-ec2';
import { afterAll, expect, test } from 'vitest';
import { startEc2 } from '../../../local/aws/ec2.ts';
import { vpcActions } from '../../../local/aws/vpc.ts';
import { createFleet } from '../../../local/simulation/fleet.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const fleet = createFleet({ nodes: 7, seed: 7, now: Date.UTC(2026, 10, 22, 14) });
const endpoint = await startEc2(ACCOUNT, vpcActions(fleet, 'blue'));
const client = new EC2Client({
  region: ACCOUNT.region,
  credentials: KEY,
  endpoint: endpoint.url,
  maxAttempts: 1,
});
afterAll(() => endpoint.close());

const [first, second, third] = fleet.subnets();
const filter = (Name: string, ...Values: string[]) => ({ Name, Values });

test('describes the subnets with their free addresses at that moment', async () => {
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
  const seen = Subnets.map(({ SubnetId, CidrBlock, AvailableIpAddressCount }) => [
    SubnetId,
    CidrBlock,
    AvailableIpAddressCount,
  ]);
  expect(seen).toEqual(fleet.subnets().map(({ id, cidr, free }) => [id, cidr, free()]));
  expect(Subnets[0]?.Tags).toContainEqual({ Key: 'kubernetes.io/cluster/blue', Value: 'shared' });
});

test.each([
  ['by filter', { Filters: [filter('subnet-id', first?.id ?? '', 'subnet-0')] }, [first]],
  ['by wildcard', { Filters: [filter('availability-zone', 'eu-central-1?')] }, [first, second, third]],
  [
    'by tag',
    { Filters: [filter('tag:kubernetes.io/cluster/blue', 'owned', 'sha*')] },
    [first, second, third],
  ],
  ['by tag key', { Filters: [filter('tag-key', 'kubernetes.io/cluster/red')] }, []],
  [
    'by two filters',
    { Filters: [filter('tag-key', 'Name'), filter('cidr-block', third?.cidr ?? '')] },
    [third],
  ],
])('selects subnets %s', async (_, input, expected) => {
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand(input));
  expect(Subnets.map(({ SubnetId }) => SubnetId)).toEqual(expected.map((subnet) => subnet?.id));
});

test('a page is cut before it is filtered: it may be empty and have a next one', async () => {
  const last = fleet.nodes().at(-1);
  const Filters = [filter('private-dns-name', last?.name ?? '')];
  const page = await client.send(new DescribeInstancesCommand({ Filters, MaxResults: 5 }));
  expect(page.Reservations).toEqual([]);
  const rest = await client.send(
    new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken: page.NextToken }),
  );
  expect(rest.Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe(last?.instanceId);
});

test('pages instances as MaxResults asks, and finds them by private name', async () => {
  const page = await client.send(new DescribeInstancesCommand({ MaxResults: 5 }));
  const rest = await client.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: page.NextToken }));
  const instances = [page, rest].flatMap(({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances),
  );
  expect(instances.map(({ InstanceId }) => InstanceId)).toEqual(
    fleet.nodes().map(({ instanceId }) => instanceId),
  );
  expect(rest.NextToken).toBeUndefined();
  const node = fleet.nodes()[3];
  const found = await client.send(
    new DescribeInstancesCommand({ Filters: [filter('private-dns-name', node?.name ?? '')] }),
  );
  expect(found.Reservations?.[0]?.Instances?.[0]).toMatchObject({
    InstanceId: node?.instanceId,
    SubnetId: node?.subnet.id,
    State: { Name: 'running', Code: 16 },
  });
});

test.each([
  [
    'an unknown filter',
    { Filters: [filter('color', 'blue')] },
    "InvalidParameterValue: The filter 'color' is invalid",
  ],
  [
    'a filter without values',
    { Filters: [filter('vpc-id')] },
    "InvalidParameterValue: The filter 'vpc-id' has no values",
  ],
  [
    '201 values',
    { Filters: [filter('vpc-id', ...Array.from({ length: 201 }, String))] },
    "FilterLimitExceeded: The filter 'vpc-id' has more than 200 values",
  ],
  [
    'a page of 4',
    { MaxResults: 4 },
    'InvalidParameterValue: Value ( 4 ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.',
  ],
  ['a made-up token', { NextToken: 'bm8=' }, 'InvalidNextToken: The token is invalid.'],
  ['an unknown parameter', { DryRun: true }, 'UnknownParameter: The parameter DryRun is not recognized'],
])('%s is refused', async (_, input, refusal) => {
  const error = await client.send(new DescribeSubnetsCommand(input)).catch((reason: unknown) => reason);
  expect(error instanceof EC2ServiceException && `${error.name}: ${error.message}`).toBe(refusal);
});
