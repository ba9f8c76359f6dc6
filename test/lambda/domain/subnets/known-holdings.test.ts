import { describe, expect, it, test } from 'vitest';
import type { Holdings } from '../../../../lambda/domain/subnets/holdings.ts';
import { holdingsFromText, holdingsToText } from '../../../../lambda/domain/subnets/holdings-text.ts';
import {
  currentAt,
  holdingsIn,
  holdingsMetrics,
  type KnownHoldings,
  leakedOf,
  unattachedSince,
} from '../../../../lambda/domain/subnets/known-holdings.ts';
import type { NetworkInterface } from '../../../../lambda/domain/subnets/network-interface.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const HOUR = 3_600_000;

const row = (rest: Partial<Holdings>): Holdings => ({
  subnet: 'subnet-a',
  cidr: '10.0.0.0/24',
  nodes: 16,
  prefixes: 1,
  clusters: {},
  others: {},
  leaked: 0,
  free: 200,
  freePrefixes: 3,
  reservedFreePrefixes: 0,
  ...rest,
});
const known: KnownHoldings = {
  at: NOW,
  rows: [row({ clusters: { test: 3 }, others: { lambda: 2 }, largestFree: 26 })],
  left: [{ subnet: 'subnet-b', why: 'shared' }],
  unattached: new Map([['eni-1', NOW - HOUR]]),
  reservations: [{ subnetId: 'subnet-a', type: 'prefix', range: { first: 1, last: 16 } }],
  reservationsAt: NOW,
};

describe('metrics', () => {
  it.each<{ says: string; rows: Holdings[]; values: Record<string, number> }>([
    { says: 'nothing where nothing is known', rows: [], values: {} },
    {
      says: 'leaked addresses alone where no node holds a prefix',
      rows: [row({ prefixes: 0, leaked: 2 }), row({ prefixes: 0, leaked: 5 })],
      values: { subnetLeakedIPs: 7 },
    },
    {
      says: 'the fewest free blocks, reserved ones with them, of the subnets in use for prefixes',
      rows: [
        row({ freePrefixes: 1, reservedFreePrefixes: 4 }),
        row({}),
        row({ prefixes: 0, freePrefixes: 0 }),
      ],
      values: { subnetFreePrefixesMin: 3, subnetsWithoutFreePrefixes: 0, subnetLeakedIPs: 0 },
    },
    {
      says: 'a subnet as fragmented only while a prefix worth of addresses is free',
      rows: [row({ freePrefixes: 0, free: 16 }), row({ freePrefixes: 0, free: 15 })],
      values: { subnetFreePrefixesMin: 0, subnetsWithoutFreePrefixes: 1, subnetLeakedIPs: 0 },
    },
  ])('$says', ({ rows, values }) => {
    const metrics = holdingsMetrics(rows);
    expect(
      Object.fromEntries(metrics.map((metric) => [metric.name, 'value' in metric && metric.value])),
    ).toEqual(values);
  });
});

describe('leaks', () => {
  const eni = (id: string, isAvailable: boolean, tags: Record<string, string>): NetworkInterface => ({
    id,
    subnetId: 'subnet-a',
    ownerId: '1',
    isAvailable,
    type: 'interface',
    description: '',
    ranges: [],
    tags: new Map(Object.entries(tags)),
  });
  const cni = { 'node.k8s.amazonaws.com/instance_id': 'i-1' };

  it('are interfaces of ipamd that have been available for two hours', () => {
    const interfaces = [eni('eni-1', true, cni), eni('eni-2', false, cni), eni('eni-3', true, {})];
    const first = unattachedSince(interfaces, new Map(), NOW);
    expect([...first]).toEqual([['eni-1', NOW]]);
    const later = unattachedSince([eni('eni-1', true, cni), eni('eni-4', true, cni)], first, NOW + 2 * HOUR);
    expect([...leakedOf(later, NOW + 2 * HOUR - 1)]).toEqual([]);
    expect([...leakedOf(later, NOW + 2 * HOUR)]).toEqual(['eni-1']);
  });

  it('start anew once an interface was attached in between', () => {
    const first = unattachedSince([eni('eni-1', true, cni)], new Map(), NOW);
    const attached = unattachedSince([eni('eni-1', false, cni)], first, NOW + HOUR);
    expect([...unattachedSince([eni('eni-1', true, cni)], attached, NOW + 3 * HOUR)]).toEqual([
      ['eni-1', NOW + 3 * HOUR],
    ]);
  });
});

test('holdings older than 65 minutes say nothing', () => {
  expect(currentAt(known, NOW + 65 * 60_000)).toBe(known);
  expect(currentAt(known, NOW + 65 * 60_000 + 1)).toBeUndefined();
});

test('holdings of other subnets, and of one for the second time, are left out', () => {
  const subnet = { id: 'subnet-a', vpcId: 'vpc-a', prefix: 24, available: 200, tags: new Map() };
  const [own] = known.rows;
  const more = { ...known, rows: [row({ subnet: 'subnet-c' }), row({}), ...(own ? [own] : [])] };
  expect(holdingsIn(more, [subnet])).toEqual({ ...known, left: [] });
  expect(holdingsIn(more, [])).toEqual(more);
});

describe('as text', () => {
  it('has no more names than fit into a line of the log', () => {
    const names = (of: string) => ({ [of.padEnd(256, '\u6f22')]: 3, [of.padEnd(255, '\u6f22')]: 4 });
    const rows = Array.from({ length: 200 }, (_, index) =>
      row({ subnet: `subnet-${index}`, clusters: names('a'), others: names('b') }),
    );
    const [first] = holdingsFromText(holdingsToText({ ...known, rows }), NOW)?.rows ?? [];
    expect(first).toMatchObject({ clusters: { 'all others': 7 }, others: { 'all others': 7 } });
  });

  it('survives', () => expect(holdingsFromText(holdingsToText(known), NOW)).toEqual(known));

  const changed = (change: object) => JSON.stringify({ ...JSON.parse(holdingsToText(known)), ...change });
  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['another version', changed({ version: 2 })],
    ['a time in the future, which would never be refreshed', changed({ at: NOW + HOUR })],
    ['no rows', changed({ rows: undefined })],
    ['a row that is none', changed({ rows: [null] })],
    ['a count that is none', changed({ rows: [{ ...row({}), free: 'many' }] })],
    ['unattached interfaces without a time', changed({ loose: [['eni-1', null]] })],
    ['no list of unknown subnets', changed({ left: 1 })],
    ['an unknown subnet without a reason', changed({ left: [{ subnet: 'subnet-b', why: 'so' }] })],
    ['a negative count', changed({ rows: [row({ leaked: -1 })] })],
    ['more addresses than a subnet has', changed({ rows: [row({ leaked: 65_537 })] })],
    ['a holder that is no number', changed({ rows: [{ ...row({}), clusters: { test: 'x' } }] })],
    [
      'more holders than are kept',
      changed({ rows: [row({ others: Object.fromEntries(Array.from({ length: 22 }, (_, n) => [n, 1])) })] }),
    ],
    ['a name of 1 MB', changed({ rows: [row({ clusters: { ['x'.repeat(1_000_000)]: 1 } })] })],
    ['a name that acts on a terminal', changed({ rows: [row({ clusters: { '\x9b31m\u202e': 1 } })] })],
    ['a subnet whose name does', changed({ left: [{ subnet: '\x9b31m', why: 'unseen' }] })],
    ['a subnet with a name of 33 characters', changed({ rows: [row({ subnet: 'x'.repeat(33) })] })],
    ['a reservation without a range', changed({ reservations: [{ subnetId: 'subnet-a', type: 'prefix' }] })],
    ['an interface that is unattached since a time before 1970', changed({ loose: [['eni-1', -1e15]] })],
  ])('is not used: %s', (_, text) => expect(holdingsFromText(text, NOW)).toBeUndefined());
});
