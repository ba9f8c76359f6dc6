import { describe, expect, test } from 'vitest';
import { createFleet } from '../../../local/simulation/fleet.ts';
import { HEALTHY, type Rates } from '../../../local/simulation/rates.ts';
import { readingOf } from '../../../local/simulation/reading.ts';

const NOW = Date.UTC(2026, 10, 22);
const HOUR = 3_600_000;
const fleetOf = (rates: Partial<Rates> = {}, nodes = 20) =>
  createFleet({ nodes, seed: 7, now: NOW, rates: { ...HEALTHY, ...rates } });

test('a new pod is listed before it serves', () => {
  const fleet = fleetOf({ nodeLifeMs: Number.POSITIVE_INFINITY });
  const pod = fleet.join();
  const seen = () => fleet.listed().find((each) => each.pod === pod);
  expect(seen()).toEqual({ pod, node: undefined });
  fleet.advance(14_999);
  expect(seen()?.node).toBeUndefined();
  fleet.advance(1);
  expect(seen()?.node?.pod).toBe(pod);
});

test('the pod of a node that is gone stays listed for a while', () => {
  const fleet = fleetOf({ nodeLifeMs: Number.POSITIVE_INFINITY, joining: 0 });
  const [pod = ''] = fleet.nodes().map((node) => node.pod);
  fleet.leave(pod);
  const isListed = () => fleet.listed().some((each) => each.pod === pod && each.node === undefined);
  expect(isListed()).toBe(true);
  fleet.advance(50_000);
  expect(isListed()).toBe(false);
});

test('a fleet grows and shrinks to its size', () => {
  const fleet = fleetOf();
  fleet.resize(60);
  fleet.advance(5 * 60_000);
  expect(fleet.nodes()).toHaveLength(60);
  fleet.resize(5);
  fleet.advance(60_000);
  expect(fleet.nodes()).toHaveLength(5);
});

test('a replaced pod is another pod of the same node, and counts from nothing', () => {
  const fleet = fleetOf();
  const [before] = fleet.nodes();
  if (!before) throw new Error('no node');
  const { name, pod } = before;
  fleet.replacePod(pod);
  expect(fleet.find(pod)).toBeUndefined();
  const after = fleet.nodes().find((node) => node.name === name);
  expect(after?.pool.assigned()).toBe(before.pool.assigned());
  expect(after && readingOf(after).counters.filter((count) => count > 0)).toEqual([]);
});

test('the day swings threefold', () => {
  const fleet = fleetOf({ nodeLifeMs: Number.POSITIVE_INFINITY, podChurn: 0 });
  const pods = () => fleet.nodes().reduce((sum, { pool }) => sum + pool.assigned(), 0);
  const night = pods();
  fleet.advance(12 * HOUR);
  expect(pods() / night).toBeCloseTo(3, 0);
});

describe.each<{ what: string; rates: Partial<Rates>; warm: (of: { pods: number; held: number }) => boolean }>(
  [
    {
      what: 'WARM_IP_TARGET=5',
      rates: { warmIps: { target: 5, minimum: 0 } },
      warm: ({ pods, held }) => held - pods >= 4 && held - pods <= 6,
    },
    {
      what: 'MINIMUM_IP_TARGET=12, WARM_IP_TARGET=2',
      rates: { warmIps: { target: 2, minimum: 12 } },
      warm: ({ pods, held }) => held >= 12 && (held === 12 || held - pods <= 3),
    },
    { what: 'nodes packed to their maximum', rates: { load: 'full' }, warm: ({ pods }) => pods > 10 },
  ],
)('$what', ({ rates, warm }) => {
  test('is kept', () => {
    const fleet = fleetOf({ refusedCalls: 0, ...rates });
    fleet.advance(3 * HOUR);
    const nodes = fleet.nodes().filter(({ type }) => type.enis * (type.addressesPerEni - 1) > 40);
    const pools = nodes.map(({ pool }) => ({ pods: pool.assigned(), held: pool.total() }));
    expect(pools.length).toBeGreaterThan(5);
    expect(pools.filter((pool) => !warm(pool))).toEqual([]);
  });
});

test('others take addresses of a subnet, no more than are free', () => {
  const [subnet] = fleetOf().subnets();
  subnet?.useByOthers(Number.POSITIVE_INFINITY);
  expect(subnet?.free()).toBe(0);
  subnet?.useByOthers(0);
  expect(subnet?.free()).toBeGreaterThan(0);
});
