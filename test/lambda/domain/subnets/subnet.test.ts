import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ClusterNetwork,
  type Subnet,
  subnetMetrics,
  subnetsOf,
  usableAddresses,
} from '../../../../lambda/domain/subnets/subnet.ts';

const subnet = (
  id: string,
  { tags = {}, ...rest }: Partial<Omit<Subnet, 'tags'>> & { tags?: object } = {},
): Subnet => ({
  id,
  vpcId: 'vpc-1',
  prefix: 24,
  available: 100,
  tags: new Map(Object.entries(tags)),
  ...rest,
});

const network: ClusterNetwork = { clusterName: 'prod', subnetIds: [], vpcId: 'vpc-1' };

test.each([
  { prefix: 16, usable: 65_531 },
  { prefix: 24, usable: 251 },
  { prefix: 28, usable: 11 },
])('AWS keeps five addresses of a /$prefix', ({ prefix, usable }) => {
  expect(usableAddresses(prefix)).toBe(usable);
});

test.each<{ behavior: string; network?: Partial<ClusterNetwork>; found: Subnet[]; ids: string[] }>([
  {
    behavior: 'a tag of the cluster, owned or shared',
    found: [
      subnet('subnet-b', { tags: { 'kubernetes.io/cluster/prod': 'owned' } }),
      subnet('subnet-a', { tags: { 'kubernetes.io/cluster/prod': 'shared' } }),
      subnet('subnet-c', { tags: { 'kubernetes.io/cluster/prod-2': 'owned' } }),
    ],
    ids: ['subnet-a', 'subnet-b'],
  },
  {
    behavior: 'the discovery tag of Karpenter with the name of this cluster',
    found: [
      subnet('subnet-a', { tags: { 'karpenter.sh/discovery': 'prod' } }),
      subnet('subnet-b', { tags: { 'karpenter.sh/discovery': 'stage' } }),
      subnet('subnet-c', { tags: { 'karpenter.sh/discovery': '' } }),
    ],
    ids: ['subnet-a'],
  },
  {
    behavior: 'the tag of the CNI, inside the VPC of the cluster, not beside the tag of another cluster',
    found: [
      subnet('subnet-a', { tags: { 'kubernetes.io/role/cni': '1' } }),
      subnet('subnet-b', { tags: { 'kubernetes.io/role/cni': '0' } }),
      subnet('subnet-c', { tags: { 'kubernetes.io/role/cni': '1' }, vpcId: 'vpc-2' }),
      subnet('subnet-d', { tags: { 'kubernetes.io/role/cni': '1', 'kubernetes.io/cluster/stage': 'owned' } }),
      subnet('subnet-e', {
        tags: {
          'kubernetes.io/role/cni': '1',
          'kubernetes.io/cluster/stage': '',
          'kubernetes.io/cluster/prod': '',
        },
      }),
    ],
    ids: ['subnet-a', 'subnet-e'],
  },
  {
    behavior: 'the tag of the CNI, in the VPC of the subnets named otherwise, where the VPC is not known',
    network: { vpcId: undefined, subnetIds: ['subnet-a'] },
    found: [
      subnet('subnet-a', { vpcId: 'vpc-7' }),
      subnet('subnet-b', { vpcId: 'vpc-7', tags: { 'kubernetes.io/role/cni': '1' } }),
      subnet('subnet-c', { vpcId: 'vpc-8', tags: { 'kubernetes.io/role/cni': '1' } }),
    ],
    ids: ['subnet-a', 'subnet-b'],
  },
  {
    behavior: 'an id that was given, once, whatever else speaks for it',
    network: { subnetIds: ['subnet-a', 'subnet-a', 'subnet-z'] },
    found: [
      subnet('subnet-a', { vpcId: 'vpc-9' }),
      subnet('subnet-a', { vpcId: 'vpc-9', tags: { 'kubernetes.io/cluster/prod': 'owned' } }),
      subnet('subnet-b'),
    ],
    ids: ['subnet-a'],
  },
])('a subnet belongs to the cluster by $behavior', ({ network: given, found, ids }) => {
  expect(subnetsOf({ ...network, ...given }, found).map(({ id }) => id)).toEqual(ids);
});

test('the worst by count and the worst by share may be different subnets', () => {
  const subnets = [
    subnet('subnet-big', { prefix: 20, available: 400 }),
    subnet('subnet-mid', { prefix: 24, available: 240 }),
    subnet('subnet-small', { prefix: 28, available: 11 }),
  ];
  expect(subnetMetrics(subnets)).toEqual([
    { name: 'subnetAvailableIPs', unit: 'Count', dimensions: { SUBNET_ID: 'subnet-big' }, value: 400 },
    { name: 'subnetAvailableIPs', unit: 'Count', dimensions: { SUBNET_ID: 'subnet-mid' }, value: 240 },
    { name: 'subnetAvailableIPs', unit: 'Count', dimensions: { SUBNET_ID: 'subnet-small' }, value: 11 },
    { name: 'subnetAvailableIPsMin', unit: 'Count', value: 11 },
    { name: 'subnetAvailablePercentMin', unit: 'Percent', value: (100 * 400) / 4091 },
  ]);
});

test('IPv6-only subnets are left out, and only they give no metric', () => {
  const ipv6 = subnet('subnet-6', { prefix: undefined, available: 0 });
  expect(subnetMetrics([ipv6])).toEqual([]);
  expect(subnetMetrics([ipv6, subnet('subnet-4')]).map(({ name }) => name)).toEqual([
    'subnetAvailableIPs',
    'subnetAvailableIPsMin',
    'subnetAvailablePercentMin',
  ]);
});

test('an empty subnet is 0 % free and an unused one 100 %', () => {
  const percents = [0, usableAddresses(26)].map((available) =>
    subnetMetrics([subnet('subnet-a', { prefix: 26, available })]).at(-1),
  );
  expect(percents).toMatchObject([{ value: 0 }, { value: 100 }]);
});

test('the order in which EC2 answers changes nothing', () => {
  const found = Array.from({ length: 9 }, (_, i) =>
    subnet(`subnet-${i % 7}`, { available: i % 7, tags: i % 2 ? { 'kubernetes.io/cluster/prod': '' } : {} }),
  );
  const expected = subnetMetrics(subnetsOf(network, found));
  fc.assert(
    fc.property(fc.shuffledSubarray(found, { minLength: found.length }), (shuffled) => {
      expect(subnetMetrics(subnetsOf(network, shuffled))).toEqual(expected);
    }),
  );
});
