import {
  AssociateVpcCidrBlockCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCidrReservationCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { expect, test, vi } from 'vitest';
import { ec2Interfaces } from '../../../lambda/adapters/aws/interfaces.ts';
import { clusterSubnets } from '../../../lambda/adapters/aws/subnets.ts';
import { memoryObject } from '../../../lambda/adapters/state/memory-object.ts';
import { textStore } from '../../../lambda/adapters/state/text-store.ts';
import { holdingsCache } from '../../../lambda/collect/holdings-cache.ts';
import { REGION } from '../../../local/simulation/fleet.ts';
import { type Random, seededRandom } from '../../../local/simulation/random.ts';
import { deadlineIn } from '../../support/deadline.ts';
import { describeEmulated } from '../suite.ts';

const CLUSTER = 'blue';
const NOW = Date.UTC(2026, 10, 22, 14);
/** Of the VPC's first CIDR and of a secondary one; a part of one of them is reserved for prefixes. */
const SUBNETS = [
  { base: '10.3.0.0', length: 22, interfaces: 40, reserved: { from: 512, length: 25 } },
  { base: '10.3.8.0', length: 24, interfaces: 12, reserved: undefined },
  { base: '10.3.9.0', length: 28, interfaces: 2, reserved: undefined },
  { base: '100.64.0.0', length: 23, interfaces: 30, reserved: undefined },
] as const;
type SubnetSeed = (typeof SUBNETS)[number];

/** Who an interface belongs to, by its tags and description. */
const HOLDERS = [
  { tags: { 'eks:eks-cluster-name': CLUSTER }, description: '' },
  { tags: { 'eks:eks-cluster-name': 'green' }, description: '' },
  { tags: {}, description: 'ELB app/shop/0a11ce' },
] as const;

const text = (base: string, offset: number) => {
  const [a, b, c, d] = base.split('.').map(Number);
  const address = (((a ?? 0) * 256 + (b ?? 0)) * 256 + (c ?? 0)) * 256 + (d ?? 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
};

/** Addresses of each interface, counted from the first one of the subnet; none in the reserved part. */
function placed({ length, interfaces, reserved }: SubnetSeed, random: Random): number[][] {
  const size = 2 ** (32 - length);
  const isReserved = (address: number) =>
    reserved !== undefined &&
    address >= reserved.from &&
    address < reserved.from + 2 ** (32 - reserved.length);
  const taken = new Set<number>();
  const one = (): number => {
    const address = 4 + random.below(size - 5);
    if (taken.has(address) || isReserved(address)) return one();
    taken.add(address);
    return address;
  };
  return Array.from({ length: interfaces }, () => Array.from({ length: 1 + random.below(4) }, one));
}

/** Address by address, block by block. */
function bruteForce({ length, reserved }: SubnetSeed, taken: ReadonlySet<number>) {
  const size = 2 ** (32 - length);
  const end = reserved === undefined ? 0 : reserved.from + 2 ** (32 - reserved.length);
  const isReserved = (address: number) => reserved !== undefined && address >= reserved.from && address < end;
  const isFree = (address: number) => address >= 4 && address < size - 1 && !taken.has(address);
  const all = Array.from({ length: size }, (_, address) => address);
  const blocks = (count: number, wanted: (address: number) => boolean) =>
    all.filter((first) => first % count === 0 && all.slice(first, first + count).every(wanted)).length;
  const isOpen = (address: number) => isFree(address) && !isReserved(address);
  const sizes = Array.from({ length: 33 - length }, (_, index) => length + index);
  return {
    free: all.filter(isOpen).length,
    freePrefixes: size < 16 ? 0 : blocks(16, isOpen),
    reservedFreePrefixes: blocks(16, (address) => isFree(address) && isReserved(address)),
    largestFree: sizes.find((each) => blocks(2 ** (32 - each), isOpen) > 0),
  };
}

describeEmulated("subnets and interfaces in moto's EC2", (moto) => {
  test('holders, free addresses and free blocks are those of brute force', { timeout: 120_000 }, async () => {
    const ec2 = new EC2Client(moto().clientOf());
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.3.0.0/16' }));
    const VpcId = Vpc?.VpcId;
    await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: '100.64.0.0/16' }));
    const random = seededRandom(11);
    const expected = [];
    for (const seed of SUBNETS) {
      const CidrBlock = `${seed.base}/${seed.length}`;
      const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
      const SubnetId = Subnet?.SubnetId ?? '';
      const held = HOLDERS.map(() => 0);
      const taken = new Set<number>();
      for (const [index, addresses] of placed(seed, random).entries()) {
        const holder = index % HOLDERS.length;
        const { tags, description } = HOLDERS[holder] ?? HOLDERS[0];
        for (const address of addresses) taken.add(address);
        held[holder] = (held[holder] ?? 0) + addresses.length;
        await ec2.send(
          new CreateNetworkInterfaceCommand({
            SubnetId,
            Description: description,
            PrivateIpAddresses: addresses.map((address, position) => ({
              PrivateIpAddress: text(seed.base, address),
              Primary: position === 0,
            })),
            TagSpecifications: [
              {
                ResourceType: 'network-interface',
                Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
              },
            ],
          }),
        );
      }
      if (seed.reserved)
        await ec2.send(
          new CreateSubnetCidrReservationCommand({
            SubnetId,
            ReservationType: 'prefix',
            Cidr: `${text(seed.base, seed.reserved.from)}/${seed.reserved.length}`,
          }),
        );
      const [nodes = 0, green = 0, balancers = 0] = held;
      expected.push({
        subnet: SubnetId,
        cidr: CidrBlock,
        nodes,
        prefixes: 0,
        clusters: green > 0 ? { green } : {},
        others: balancers > 0 ? { load_balancer: balancers } : {},
        leaked: 0,
        ...bruteForce(seed, taken),
      });
    }

    const { credentials } = moto().clientOf();
    vi.stubEnv('AWS_ENDPOINT_URL', moto().endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    const ids = expected.map(({ subnet }) => subnet);
    const subnets = clusterSubnets({ clusterName: CLUSTER, region: REGION, ids, eks: undefined });
    const cache = holdingsCache({
      clusterName: CLUSTER,
      reader: ec2Interfaces(REGION),
      subnets,
      store: textStore(memoryObject('memory')),
    });
    const { subnets: known, warning } = await subnets(deadlineIn(30_000));
    expect(warning).toBeUndefined();
    const holdings = await cache.read({ subnets: known, podAddresses: [] }, NOW, deadlineIn(60_000));
    if ('warning' in holdings) throw new Error(holdings.warning);
    expect(holdings.found.left).toEqual([]);
    expect(holdings.found.rows).toEqual(expected.toSorted((a, b) => (a.subnet < b.subnet ? -1 : 1)));
  });
});
