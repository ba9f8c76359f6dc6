import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ec2Interfaces } from '../../../../lambda/adapters/aws/interfaces.ts';
import { rangeOf } from '../../../../lambda/domain/subnets/ranges.ts';
import type { AwsEndpoint, AwsFault } from '../../../../local/aws/endpoint.ts';
import {
  type InterfaceSeed,
  interfaceActions,
  interfaceResource,
  reservationResource,
} from '../../../../local/aws/network-interfaces.ts';
import { ec2For } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const eni = (id: string, subnetId: string, rest: Partial<InterfaceSeed> = {}): InterfaceSeed => ({
  id,
  subnetId,
  vpcId: 'vpc-1',
  cidrs: [],
  ...rest,
});

let ec2: AwsEndpoint;

async function start(seeds: readonly InterfaceSeed[], fault?: AwsFault, pageSize?: number) {
  const reservations = [
    { subnetId: 'subnet-a', cidr: '10.0.0.128/25', type: 'prefix' as const },
    { subnetId: 'subnet-a', cidr: 'fd00::/80', type: 'prefix' as const },
    { subnetId: 'subnet-b', cidr: '10.0.1.0/28', type: 'explicit' as const },
  ];
  const actions = interfaceActions(
    () => seeds.map(interfaceResource),
    () => reservations.map(reservationResource),
  );
  ec2 = await ec2For(actions, pageSize);
  ec2.faults.always = fault;
  return ec2Interfaces('eu-central-1');
}
const range = (text: string) => rangeOf(text) ?? text;

test('reads what an interface holds and whose it is', async () => {
  const reader = await start([
    eni('eni-1', 'subnet-a', {
      instanceId: 'i-1',
      description: 'aws-K8S-i-1',
      cidrs: ['10.0.0.10', '10.0.0.11/32', '10.0.0.32/28', 'fd00::/80'],
      tags: { 'node.k8s.amazonaws.com/instance_id': 'i-1' },
    }),
    eni('eni-2', 'subnet-b', { isAttached: false, ownerId: '444455556666', type: 'branch' }),
    eni('eni-3', 'subnet-c'),
  ]);
  expect(await reader.interfaces(['subnet-a', 'subnet-b'], deadlineIn(5_000))).toEqual({
    found: [
      {
        id: 'eni-1',
        subnetId: 'subnet-a',
        ownerId: '111122223333',
        isAvailable: false,
        type: 'interface',
        description: 'aws-K8S-i-1',
        instanceId: 'i-1',
        ranges: ['10.0.0.10', '10.0.0.11', '10.0.0.32/28'].map(range),
        tags: new Map([['node.k8s.amazonaws.com/instance_id', 'i-1']]),
      },
      {
        id: 'eni-2',
        subnetId: 'subnet-b',
        ownerId: '444455556666',
        isAvailable: true,
        type: 'branch',
        description: '',
        ranges: [],
        tags: new Map(),
      },
    ],
  });
});

test('reads all pages, also empty ones, and more subnets than a filter takes', async () => {
  const subnetIds = Array.from({ length: 201 }, (_, index) => `subnet-${index}`);
  const seeds = [...subnetIds, 'subnet-x', 'subnet-y', 'subnet-0'].map((id, index) =>
    eni(`eni-${index}`, id),
  );
  const reader = await start(seeds, undefined, 2);
  const seen = await reader.interfaces(subnetIds, deadlineIn(20_000));
  expect('found' in seen && seen.found.map(({ id }) => id).sort()).toEqual(
    seeds
      .filter(({ subnetId }) => subnetIds.includes(subnetId))
      .map(({ id }) => id)
      .sort(),
  );
});

test('8,000 interfaces are 8 calls', async () => {
  const seeds = Array.from({ length: 8_000 }, (_, index) =>
    eni(`eni-${index}`, `subnet-${index % 16}`, { cidrs: [`10.0.${index >> 8}.${index & 255}`] }),
  );
  const reader = await start(seeds);
  const ids = Array.from({ length: 16 }, (_, index) => `subnet-${index}`);
  const seen = await reader.interfaces(ids, deadlineIn(60_000));
  expect('found' in seen && seen.found.length).toBe(8_000);
  expect(ec2.requests.length).toBe(8);
});

test('asks for fewer interfaces at a time where an answer is larger than 32 MiB', async () => {
  const description = 'x'.repeat(120_000);
  const reader = await start(
    Array.from({ length: 300 }, (_, index) => eni(`eni-${index}`, 'subnet-a', { description })),
  );
  const seen = await reader.interfaces(['subnet-a'], deadlineIn(20_000));
  expect('found' in seen && seen.found.length).toBe(300);
  expect(ec2.requests.map(({ body }) => new URLSearchParams(body.toString()).get('MaxResults'))).toEqual([
    '1000',
    '200',
    '200',
  ]);
});

test('says that an answer is too large for the function', async () => {
  const reader = await start([eni('eni-1', 'subnet-a', { description: 'x'.repeat(34_000_000) })]);
  expect(await reader.interfaces(['subnet-a'], deadlineIn(20_000))).toEqual({
    warning:
      'DescribeNetworkInterfaces in eu-central-1 failed: a page of the answer is larger than 33554432 bytes',
  });
  expect(ec2.requests).toHaveLength(2);
});

test('keeps only the tags that say who owns an interface, and of those that count only alone two', async () => {
  const said = {
    'cluster.k8s.amazonaws.com/name': 'a',
    'eks:eks-cluster-name': 'b',
    'eks:cluster-name': 'c',
    'node.k8s.amazonaws.com/instance_id': 'i-1',
    'vpcresources.k8s.aws/trunk-eni-id': 'eni-2',
    'kubernetes.io/cluster/a': 'owned',
    'kubernetes.io/cluster/b': 'owned',
  };
  const more = { Name: 'x', 'kubernetes.io/cluster/c': 'owned', 'kubernetes.io/cluster/d': 'shared' };
  const reader = await start([eni('eni-1', 'subnet-a', { tags: { ...said, ...more } })]);
  expect(await reader.interfaces(['subnet-a'], deadlineIn(5_000))).toMatchObject({
    found: [{ tags: new Map(Object.entries(said)) }],
  });
});

/** Reads the interfaces of one subnet, and prints how many there are. */
const PROGRAM = `
  import { ec2Interfaces } from './lambda/adapters/aws/interfaces.ts';
  import { SYSTEM_CLOCK } from './lambda/adapters/system-clock.ts';
  import { Deadline } from './lambda/deadline.ts';
  const { found } = await ec2Interfaces('eu-central-1').interfaces(['subnet-a'], Deadline.in(600_000, SYSTEM_CLOCK));
  console.log(found.length);`;

test('the memory of a function does not fill up with tags, which a node can set on every interface', async () => {
  // As many and as long as EC2 accepts.
  const tags = Array.from({ length: 50 }, (_, tag) => [`${'語'.repeat(126)}${tag}`, '語'.repeat(256)]);
  const seeds = Array.from({ length: 2_000 }, (_, index) =>
    eni(`eni-${String(index).padStart(17, '0')}`, 'subnet-a', { tags: Object.fromEntries(tags) }),
  );
  await start(seeds, undefined, 50);
  const child = spawn(process.execPath, ['--max-old-space-size=80', '--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: process.env,
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(said).toBe('2000\n');
}, 60_000);

test('reads the IPv4 reservations of each subnet', async () => {
  const reader = await start([]);
  expect(await reader.reservations(['subnet-a', 'subnet-b', 'subnet-c'], deadlineIn(5_000))).toEqual({
    found: [
      { subnetId: 'subnet-a', type: 'prefix', range: range('10.0.0.128/25') },
      { subnetId: 'subnet-b', type: 'explicit', range: range('10.0.1.0/28') },
    ],
  });
});

test.each<{ fault: AwsFault; ms: number; warning: string }>([
  {
    fault: { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized' },
    ms: 5_000,
    warning:
      'DescribeNetworkInterfaces in eu-central-1 failed (UnauthorizedOperation: You are not authorized): allow ec2:DescribeNetworkInterfaces',
  },
  {
    fault: 'hang',
    ms: 300,
    warning:
      'no answer from EC2 in eu-central-1 within 300 ms: give the function a network path to EC2 (interface endpoint ec2 or NAT)',
  },
])('says what failed: $warning', async ({ fault, ms, warning }) => {
  const reader = await start([], fault);
  expect(await reader.interfaces(['subnet-a'], deadlineIn(ms))).toEqual({ warning });
});
