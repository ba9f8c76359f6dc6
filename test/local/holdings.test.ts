import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import type { Handler } from '../../lambda/invoke.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import type { Neighbor } from '../../local/simulation/neighbors.ts';
import type { Subnet } from '../../local/simulation/subnet.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
const MINUTE = 60_000;

let cluster: EmbeddedCluster;
let invoke: Handler;

beforeEach(async () => {
  cluster = await startEmbeddedCluster({ nodes: 24, seed: 3, now: NOW, sharedBy: CLUSTER_NAME });
  invoke = await loadFunction(cluster, () => undefined);
});
afterEach(() => cluster.close());

const tick = (event: object = {}) =>
  invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString(), ...event });
const value = ({ metrics }: Report, name: string) => {
  const metric = metrics.find((candidate) => candidate.name === name);
  return metric && 'value' in metric ? metric.value : undefined;
};
const describeCalls = () =>
  cluster.ec2.requests.filter(({ body }) => body.toString().includes('Action=DescribeNetworkInterfaces'))
    .length;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const sizeOf = (cidrs: readonly string[]) => sum(cidrs.map((cidr) => (cidr.endsWith('/28') ? 16 : 1)));
const isPrefix = (cidr: string) => cidr.endsWith('/28');

/** What the simulation itself knows about a subnet. @param hasLeaks whether two hours have passed */
function books(subnet: Subnet, hasLeaks: boolean) {
  const own = cluster.fleet
    .nodes()
    .filter((node) => node.subnet === subnet)
    .flatMap(({ ip, pool }) => [ip, ...pool.enis.flatMap((eni) => eni.cidrs.map(({ text }) => text))])
    .filter((cidr) => !cidr.includes(':'));
  const neighbors = cluster.fleet.neighbors().filter((neighbor) => neighbor.subnet === subnet);
  const held = (isMeant: (neighbor: Neighbor) => boolean) =>
    sum(neighbors.filter(isMeant).map(({ cidrs }) => sizeOf(cidrs)));
  const clusterOf = ({ tags }: Neighbor) =>
    tags['eks:eks-cluster-name'] ?? tags['cluster.k8s.amazonaws.com/name'];
  const left = held((neighbor) => clusterOf(neighbor) === CLUSTER_NAME);
  const others = {
    interface: held((each) => clusterOf(each) === undefined && each.description.startsWith('arn:aws:ecs')),
    lambda: held(({ type }) => type === 'lambda') + subnet.heldByOthers().length,
    load_balancer: held(({ description }) => description.startsWith('ELB ')),
  };
  return {
    subnet: subnet.id,
    cidr: subnet.cidr,
    nodes: sizeOf(own) + (hasLeaks ? 0 : left),
    prefixes: own.filter(isPrefix).length,
    clusters: { [`${CLUSTER_NAME}-2`]: held((neighbor) => clusterOf(neighbor) === `${CLUSTER_NAME}-2`) },
    others: Object.fromEntries(Object.entries(others).filter(([, count]) => count > 0)),
    leaked: hasLeaks ? left : 0,
    free: subnet.free(),
    freePrefixes: subnet.freePrefixes(),
    reservedFreePrefixes: subnet.reservedFreePrefixes(),
  };
}

test('every cycle reports and publishes what the simulation holds, as of the last reading', async () => {
  const start = cluster.fleet.now();
  await tick();
  const seen = { fragmented: 0, leaked: 0, reserved: 0 };
  for (let hour = 0; hour < 12; hour += 1) {
    const hasLeaks = cluster.fleet.now() - start >= 120 * MINUTE;
    const expected = cluster.fleet.subnets().map((subnet) => books(subnet, hasLeaks));
    cluster.fleet.advance(MINUTE);
    const report = await tick();
    expect(report.warnings).toEqual([]);
    expect(report.addresses).toMatchObject({ ageMinutes: 1, subnets: expected });
    expect(report.addresses?.unknown).toBeUndefined();
    const inUse = expected.filter(({ prefixes }) => prefixes > 0);
    const blocks = inUse.map((row) => row.freePrefixes + row.reservedFreePrefixes);
    const fragmented = inUse.filter((row, index) => blocks[index] === 0 && row.free >= 16).length;
    const leaked = sum(expected.map((row) => row.leaked));
    expect(value(report, 'subnetFreePrefixesMin')).toBe(Math.min(...blocks));
    expect(value(report, 'subnetsWithoutFreePrefixes')).toBe(fragmented);
    expect(value(report, 'subnetLeakedIPs')).toBe(leaked);
    seen.fragmented += fragmented;
    seen.leaked += leaked;
    seen.reserved += sum(expected.map((row) => row.reservedFreePrefixes));
    // The next reading is due in this cycle.
    cluster.fleet.advance(59 * MINUTE);
    await tick();
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

test('other clusters and everything else are named, and what ipamd left behind is leaked after two hours', async () => {
  const left = 6;
  await tick();
  cluster.fleet.advance(MINUTE);
  const early = await tick();
  expect(early.addresses?.subnets[0]).toMatchObject({
    clusters: { [`${CLUSTER_NAME}-2`]: 24 },
    others: { load_balancer: 2 },
    leaked: 0,
  });
  expect(value(early, 'subnetLeakedIPs')).toBe(0);
  cluster.fleet.advance(121 * MINUTE);
  await tick();
  cluster.fleet.advance(MINUTE);
  const late = await tick();
  expect(late.addresses?.subnets[0]?.leaked).toBe(left);
  expect(value(late, 'subnetLeakedIPs')).toBe(left);
});

test('the interfaces are read every 15 minutes, also across cold starts', async () => {
  await tick();
  expect(describeCalls()).toBe(1);
  for (let minute = 1; minute < 15; minute += 1) {
    cluster.fleet.advance(MINUTE);
    invoke = await loadFunction(cluster, () => undefined);
    const report = await tick();
    expect(report.addresses).toMatchObject({ ageMinutes: minute });
  }
  expect(describeCalls()).toBe(1);
  cluster.fleet.advance(MINUTE);
  await tick();
  expect(describeCalls()).toBe(2);
});

test('a dry run reads no interfaces', async () => {
  await tick({ dryRun: true });
  expect(describeCalls()).toBe(0);
});

test('a refusal is a warning, asked for again after 15 minutes; everything else goes out', async () => {
  // The subnets, the reservations of each of the three, and then the interfaces.
  const served = Array.from({ length: 4 }, () => undefined);
  cluster.ec2.faults.next.push(...served, { status: 403, code: 'UnauthorizedOperation', message: 'no' });
  const report = await tick();
  expect(report.warnings).toEqual([
    {
      code: 'holders-unknown',
      message:
        'DescribeNetworkInterfaces in eu-central-1 failed (UnauthorizedOperation: no): allow ec2:DescribeNetworkInterfaces',
    },
  ]);
  expect(report.missing).toContainEqual({
    why: 'holders-unknown',
    metrics: ['subnetFreePrefixesMin', 'subnetsWithoutFreePrefixes', 'subnetLeakedIPs'],
  });
  expect(value(report, 'subnetAvailableIPsMin')).toBeGreaterThan(0);
});
