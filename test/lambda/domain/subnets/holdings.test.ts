import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../../lambda/domain/printable.ts';
import {
  holdingsOf,
  type NetworkSnapshot,
  type Reservation,
} from '../../../../lambda/domain/subnets/holdings.ts';
import type { NetworkInterface } from '../../../../lambda/domain/subnets/network-interface.ts';
import { type Range, rangeOf } from '../../../../lambda/domain/subnets/ranges.ts';

const range = (text: string): Range => rangeOf(text) ?? { first: 0, last: -1 };

interface Seed extends Partial<Omit<NetworkInterface, 'ranges' | 'tags'>> {
  readonly id: string;
  readonly holds: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

const eni = ({ holds, tags = {}, ...rest }: Seed): NetworkInterface => ({
  subnetId: 'subnet-a',
  ownerId: '111122223333',
  isAvailable: false,
  type: 'interface',
  description: '',
  ranges: holds.map(range),
  tags: new Map(Object.entries(tags)),
  ...rest,
});

function snapshot(
  interfaces: readonly NetworkInterface[],
  more: Partial<NetworkSnapshot> & { available: number },
): NetworkSnapshot {
  const { available, ...rest } = more;
  return {
    clusterName: 'prod',
    subnets: [
      {
        id: 'subnet-a',
        vpcId: 'vpc-1',
        prefix: 24,
        cidr: '10.0.0.0/24',
        ownerId: '111122223333',
        available,
        availableBefore: available,
        tags: new Map(),
      },
    ],
    interfaces,
    reservations: [],
    podAddresses: [],
    leaked: new Set(),
    ...rest,
  };
}

/** By name, the addresses of other clusters where each of 30 instances has one. */
function clustersNamed(nameOf: (index: number) => string): Readonly<Record<string, number>> {
  const interfaces = Array.from({ length: 30 }, (_, index) =>
    eni({
      id: `eni-${index}`,
      instanceId: `i-${index}`,
      holds: [`10.0.0.${10 + index}`],
      tags: { 'eks:eks-cluster-name': nameOf(index) },
    }),
  );
  return holdingsOf(snapshot(interfaces, { available: 221 })).rows[0]?.clusters ?? {};
}

describe('who holds the addresses', () => {
  it('names 20 other clusters and counts the rest together, each name printable and no longer than a tag', () => {
    const clusters = clustersNamed((index) => `${String.fromCharCode(27)}${index}`.padEnd(256, 'x'));
    const names = Object.keys(clusters);
    expect(names).toHaveLength(21);
    expect(clusters['all others']).toBe(10);
    expect(names.filter((name) => !/^[ -~]{1,256}$/.test(name))).toEqual([]);
  });

  it('loses no address of a cluster that has the name of the rest', () => {
    const clusters = clustersNamed((index) => (index < 5 ? 'all others' : `c${index}`));
    expect(clusters['all others']).toBe(5 + 5);
  });

  it('names nobody where the names of all subnets would not fit into a line of the log', () => {
    const [subnet] = snapshot([], { available: 0 }).subnets;
    const subnets = Array.from({ length: 200 }, (_, index) => ({
      ...subnet,
      ...{ id: `subnet-${index}`, vpcId: 'vpc-1', prefix: 24, tags: new Map(), cidr: `10.0.${index}.0/24` },
      ...{ available: 230, availableBefore: 230 },
    }));
    const interfaces = subnets.flatMap(({ id }, index) =>
      Array.from({ length: 21 }, (_, at) =>
        eni({
          id: `eni-${index}-${at}`,
          subnetId: id,
          instanceId: `i-${index}-${at}`,
          holds: [`10.0.${index}.${10 + at}`],
          tags: at < 20 ? { 'eks:cluster-name': `${at}`.padEnd(256, '\u6f22') } : {},
        }),
      ),
    );
    const { rows } = holdingsOf({ ...snapshot(interfaces, { available: 0 }), subnets });
    expect(rows).toHaveLength(200);
    expect(rows[0]).toMatchObject({ clusters: { 'all others': 20 }, others: { instance: 1 } });
    expect(Buffer.byteLength(JSON.stringify(rows))).toBeLessThan(100_000);
  });

  it('cuts a name between characters, not inside of one', () => {
    const tags = { 'eks:eks-cluster-name': `${'x'.repeat(255)}\u{1f600}` };
    const interfaces = [eni({ id: 'eni-1', instanceId: 'i-1', holds: ['10.0.0.10'], tags })];
    const [row] = holdingsOf(snapshot(interfaces, { available: 250 })).rows;
    expect(Object.keys(row?.clusters ?? {}).map(printable)).toEqual([`${'x'.repeat(255)}\ufffd`]);
  });

  it('tells nodes by the address of their aws-node pod, other clusters by tags, and the rest by type', () => {
    const interfaces = [
      eni({ id: 'eni-1', instanceId: 'i-1', holds: ['10.0.0.10', '10.0.0.11'] }),
      eni({ id: 'eni-2', instanceId: 'i-1', holds: ['10.0.0.12', '10.0.0.32/28'] }),
      eni({ id: 'eni-3', type: 'trunk', instanceId: 'i-1', holds: ['10.0.0.13'] }),
      eni({
        id: 'eni-4',
        type: 'branch',
        holds: ['10.0.0.14'],
        tags: { 'vpcresources.k8s.aws/trunk-eni-id': 'eni-3' },
      }),
      eni({ id: 'eni-5', instanceId: 'i-2', holds: ['10.0.0.20'], tags: { 'eks:eks-cluster-name': 'test' } }),
      eni({ id: 'eni-6', instanceId: 'i-2', holds: ['10.0.0.21', '10.0.0.22'] }),
      eni({
        id: 'eni-7',
        instanceId: 'i-3',
        holds: ['10.0.0.23'],
        tags: { 'kubernetes.io/cluster/dev': 'owned' },
      }),
      eni({ id: 'eni-8', instanceId: 'i-4', holds: ['10.0.0.24'] }),
      eni({ id: 'eni-9', type: 'lambda', holds: ['10.0.0.25'] }),
      eni({ id: 'eni-10', description: 'ELB app/web/1', holds: ['10.0.0.26'] }),
      eni({ id: 'eni-11', description: 'Amazon EKS prod', holds: ['10.0.0.27'] }),
      eni({
        id: 'eni-12',
        isAvailable: true,
        holds: ['10.0.0.28', '10.0.0.29'],
        tags: { 'node.k8s.amazonaws.com/instance_id': 'i-0' },
      }),
      eni({
        id: 'eni-13',
        isAvailable: true,
        holds: ['10.0.0.30'],
        tags: { 'node.k8s.amazonaws.com/instance_id': 'i-0' },
      }),
    ];
    const { rows, left } = holdingsOf(
      snapshot(interfaces, {
        available: 251 - 33,
        podAddresses: ['10.0.0.10'],
        leaked: new Set(['eni-12', 'eni-9']),
      }),
    );
    expect(left).toEqual([]);
    expect(rows).toEqual([
      {
        subnet: 'subnet-a',
        cidr: '10.0.0.0/24',
        nodes: 21,
        prefixes: 1,
        clusters: { dev: 1, test: 3 },
        others: { cni: 1, eks_control_plane: 1, instance: 1, lambda: 1, load_balancer: 1 },
        leaked: 2,
        free: 219,
        freePrefixes: 12,
        reservedFreePrefixes: 0,
        largestFree: 26,
      },
    ]);
  });

  it('does not take an interface with two owned tags for a cluster', () => {
    const tags = { 'kubernetes.io/cluster/a': 'owned', 'kubernetes.io/cluster/b': 'owned' };
    const interfaces = [eni({ id: 'eni-1', instanceId: 'i-1', holds: ['10.0.0.9'], tags })];
    expect(holdingsOf(snapshot(interfaces, { available: 250 })).rows[0]?.others).toEqual({ instance: 1 });
  });
});

describe('what is not known', () => {
  const own = eni({ id: 'eni-1', instanceId: 'i-1', holds: ['10.0.0.9'] });

  it.each([
    ['agrees', 250, 250, []],
    ['agrees within what comes and goes meanwhile', 238, 250, []],
    ['agrees between before and after', 200, 250, []],
    ['counts more than EC2', 237, 237, [{ subnet: 'subnet-a', why: 'unseen' }]],
    ['counts less than EC2', 263, 263, [{ subnet: 'subnet-a', why: 'unseen' }]],
  ])('%s', (_, available, availableBefore, left) => {
    const { subnets, ...rest } = snapshot([own], { available });
    const known = { ...rest, subnets: subnets.map((subnet) => ({ ...subnet, availableBefore })) };
    expect(holdingsOf(known).left).toEqual(left);
  });

  it('says nothing of a shared subnet, where a participant sees its own interfaces only', () => {
    const { left, rows } = holdingsOf(
      snapshot([eni({ id: 'eni-1', holds: ['10.0.0.9'], ownerId: '4' })], { available: 250 }),
    );
    expect({ left, rows }).toEqual({ left: [{ subnet: 'subnet-a', why: 'shared' }], rows: [] });
  });

  it('leaves out subnets without IPv4 addresses, and says so', () => {
    const { subnets, ...rest } = snapshot([], { available: 0 });
    const ipv6 = subnets.map(({ cidr: _, ...subnet }) => ({ ...subnet, prefix: undefined }));
    expect(holdingsOf({ ...rest, subnets: ipv6 })).toEqual({
      rows: [],
      left: [{ subnet: 'subnet-a', why: 'ipv6-only' }],
    });
  });
});

/** A subnet of any size, of the VPC's first or a secondary CIDR, with addresses, prefixes and reservations. */
const subnets = fc
  .record({
    length: fc.integer({ min: 16, max: 28 }),
    base: fc.constantFrom('10.3.0.0', '100.64.0.0', '192.168.0.0'),
    addresses: fc.array(fc.nat(), { maxLength: 60 }),
    prefixes: fc.array(fc.nat(), { maxLength: 12 }),
    reservations: fc.array(
      fc.tuple(
        fc.constantFrom('prefix' as const, 'explicit' as const),
        fc.nat(),
        fc.integer({ min: 0, max: 6 }),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ length, base, addresses, prefixes, reservations }) => {
    const size = 2 ** (32 - length);
    const { first } = range(base);
    const block = (nth: number, blockSize: number) => {
      const start = first + (nth % Math.max(1, size / blockSize)) * blockSize;
      return { first: start, last: start + blockSize - 1 };
    };
    return {
      length,
      cidr: `${base}/${length}`,
      first,
      size,
      ranges: [...addresses.map((nth) => block(nth, 1)), ...prefixes.map((nth) => block(nth, 16))],
      reservations: reservations.map(
        ([type, nth, bits]): Reservation => ({
          subnetId: 'subnet-a',
          type,
          range: block(nth, Math.min(size, 16 * 2 ** bits)),
        }),
      ),
    };
  });

describe('what is free, against one flag for each address', () => {
  it.each([false, true])('where EC2 counts reserved addresses as available: %s', (countsReserved) =>
    fc.assert(
      fc.property(subnets, ({ length, cidr, first, size, ranges, reservations }) => {
        const free = new Uint8Array(size)
          .fill(1)
          .fill(0, 0, 4)
          .fill(0, size - 1);
        for (const taken of ranges) free.fill(0, taken.first - first, taken.last - first + 1);
        const marks = new Uint8Array(size);
        for (const { type, range: to } of reservations) {
          for (let at = to.first - first; at <= to.last - first; at += 1)
            marks[at] = (marks[at] ?? 0) | (type === 'prefix' ? 1 : 2);
        }
        const count = (from: number, to: number, test: (mark: number) => boolean) => {
          let found = 0;
          for (let at = from; at < to; at += 1) if (free[at] && test(marks[at] ?? 0)) found += 1;
          return found;
        };
        const blocks = (test: (mark: number) => boolean) => {
          let whole = 0;
          for (let at = 0; at < size; at += 16) if (count(at, at + 16, test) === 16) whole += 1;
          return whole;
        };
        const outside = count(0, size, (mark) => mark === 0);
        // Reservations of one VPC do not overlap; where the generator makes two that do, both counts differ.
        fc.pre(!marks.includes(3));
        const available = countsReserved ? count(0, size, () => true) : outside;
        const { rows, left } = holdingsOf({
          ...snapshot([eni({ id: 'eni-1', holds: [] })], { available }),
          interfaces: [{ ...eni({ id: 'eni-1', holds: [] }), ranges }],
          reservations,
          subnets: [
            {
              id: 'subnet-a',
              vpcId: 'vpc-1',
              prefix: length,
              cidr,
              ownerId: '111122223333',
              available,
              availableBefore: available,
              tags: new Map(),
            },
          ],
        });
        expect(left).toEqual([]);
        expect(rows[0]).toMatchObject({
          free: outside,
          freePrefixes: blocks((mark) => mark === 0),
          reservedFreePrefixes: blocks((mark) => mark === 1),
        });
      }),
      { numRuns: 60 },
    ),
  );
});
