import { expect, test } from 'vitest';
import { COUNTERS } from '../../../lambda/domain/catalog.ts';
import { createFleet } from '../../../local/simulation/fleet.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
const HOUR = 3_600_000;

const fleetOf = (nodes: number, seed: number, ipv6Nodes = 0) =>
  createFleet({ nodes, seed, now: NOW, ipv6Nodes });
const texts = (fleet: ReturnType<typeof fleetOf>) => fleet.nodes().map(({ pod }) => fleet.exposition(pod));

test('a run is deterministic for its seed, and differs for another seed', () => {
  const [one, two, other] = [fleetOf(12, 7), fleetOf(12, 7), fleetOf(12, 8)];
  for (const fleet of [one, two, other]) fleet.advance(3 * HOUR);
  expect(texts(one)).toEqual(texts(two));
  expect(texts(one)).not.toEqual(texts(other));
});

test('a run does not depend on the time of its start', () => {
  const numbers = (now: number) => {
    const fleet = createFleet({ nodes: 12, seed: 7, now });
    fleet.advance(3 * HOUR);
    return fleet.nodes().map(({ pod }) => ({ ...fleet.reading(pod), startTime: 0 }));
  };
  expect(numbers(NOW)).toEqual(numbers(NOW + 12_345_678));
});

test('advancing in one step or in many gives the same result', () => {
  const [whole, pieces] = [fleetOf(12, 7), fleetOf(12, 7)];
  whole.advance(HOUR);
  for (let left = HOUR; left > 0; left -= 7_500) pieces.advance(Math.min(left, 7_500));
  expect(pieces.now()).toBe(whole.now());
  expect(texts(pieces)).toEqual(texts(whole));
});

test('nothing changes between calls', () => {
  const fleet = fleetOf(5, 3);
  const before = texts(fleet);
  expect(texts(fleet)).toEqual(before);
  fleet.advance(9_999);
  expect(texts(fleet)).toEqual(before);
});

test('a day contains every event that a collector must handle', () => {
  const fleet = fleetOf(60, 7);
  const first = new Set(fleet.nodes().map(({ pod }) => pod));
  let least = Number.POSITIVE_INFINITY;
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    fleet.advance(60_000);
    least = Math.min(least, ...fleet.subnets().map((subnet) => subnet.free()));
  }
  const pods = new Set(fleet.nodes().map(({ pod }) => pod));
  const events = COUNTERS.map(({ name }, position) => ({
    name,
    events: fleet.incarnations().reduce((sum, { process }) => sum + (process.counters[position] || 0), 0),
  }));
  const quiet = events.filter(({ events }) => events === 0).map(({ name }) => name);
  expect(quiet).toEqual(COUNTERS.filter(({ onlyIfExposed }) => onlyIfExposed).map(({ name }) => name));
  expect(
    [...pods].some((pod) => !first.has(pod)),
    'a node joined',
  ).toBe(true);
  expect(
    [...first].some((pod) => !pods.has(pod)),
    'a node left',
  ).toBe(true);
  expect(least, 'a subnet was full').toBeLessThan(10);
  const restarted = fleet.incarnations().filter(({ pod, ended }) => ended !== undefined && pods.has(pod));
  expect(restarted.length, 'an ipamd restarted').toBeGreaterThan(0);
});

test('addresses of nodes, interfaces and subnets add up at every moment', () => {
  const fleet = fleetOf(30, 11);
  for (let minute = 0; minute < 600; minute += 1) {
    fleet.advance(60_000);
    for (const { pool, type } of fleet.nodes()) {
      const cidrs = pool.enis.flatMap((eni) => eni.cidrs);
      expect(pool.total()).toBe(cidrs.reduce((sum, { capacity }) => sum + capacity, 0));
      expect(pool.assigned()).toBe(cidrs.reduce((sum, { assigned }) => sum + assigned, 0));
      expect(pool.assigned()).toBe(pool.enis.reduce((sum, { assigned }) => sum + assigned, 0));
      expect(pool.assigned()).toBeLessThanOrEqual(pool.total());
      expect(pool.enis.length).toBeLessThanOrEqual(type.enis);
    }
    for (const subnet of fleet.subnets()) {
      const own = fleet.nodes().filter((node) => node.subnet === subnet);
      const held = own.reduce((sum, { pool }) => sum + pool.total() + 1, 0);
      expect(subnet.free()).toBeGreaterThanOrEqual(0);
      expect(subnet.free()).toBeLessThanOrEqual(subnet.usable - held);
    }
  }
});

test('a restart starts a process with new counters in the same pod, and a node that leaves ends it', () => {
  const fleet = fleetOf(3, 5);
  const [pod = ''] = fleet.nodes().map((node) => node.pod);
  const before = fleet.reading(pod);
  fleet.restart(pod);
  fleet.restart(pod);
  const after = fleet.reading(pod);
  expect(after.startTime).toBeGreaterThan(before.startTime);
  expect(after.counters[6]).toBe(0);
  expect(after.gauges[0]).toBe(before.gauges[0]);
  fleet.leave(pod);
  expect(fleet.find(pod)).toBeUndefined();
  const own = fleet.incarnations().filter((incarnation) => incarnation.pod === pod);
  expect(own.map(({ ended }) => ended)).toEqual([NOW, NOW, NOW]);
  expect(new Set(own.map(({ process }) => process.startTime)).size).toBe(3);
  expect(() => fleet.reading(pod)).toThrow(`The simulated cluster has no pod ${pod}`);
});

test('IPv6 nodes hold 2^48 addresses and no IPv4', () => {
  const fleet = fleetOf(3, 5, 3);
  const ipv6 = fleet.nodes().map(({ pod }) => fleet.reading(pod).gauges);
  expect(ipv6.map(([, total]) => total)).toEqual([2 ** 48, 2 ** 48, 2 ** 48]);
  expect(texts(fleet)[0]).toContain('\nawscni_total_ip_addresses 2.81474976710656e+14\n');
});
