import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import type { Handler } from '../../lambda/invoke.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
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

/** Addresses that ipamd left behind and that are not leaked yet: it is the cluster that holds them. */
const looseIn = (subnet: Subnet) =>
  cluster.fleet
    .neighbors()
    .filter((neighbor) => neighbor.subnet === subnet && !neighbor.isAttached)
    .reduce((sum, { cidrs }) => sum + cidrs.length, 0);

/** What the simulation itself knows about a subnet. */
function books(subnet: Subnet) {
  const nodes = cluster.fleet.nodes().filter((node) => node.subnet === subnet);
  const cidrs = nodes
    .flatMap(({ pool }) => pool.enis.flatMap((eni) => eni.cidrs.map(({ text }) => text)))
    .filter((cidr) => !cidr.includes(':'));
  const prefixes = cidrs.filter((cidr) => cidr.endsWith('/28')).length;
  return {
    subnet: subnet.id,
    nodes: nodes.length + cidrs.length + 15 * prefixes + looseIn(subnet),
    prefixes,
    free: subnet.free(),
    freePrefixes: subnet.freePrefixes(),
  };
}

test('every cycle reports and publishes what the simulation holds, as of the last reading', async () => {
  await tick();
  let prefixesSeen = 0;
  for (let round = 0; round < 6; round += 1) {
    const expected = cluster.fleet.subnets().map(books);
    cluster.fleet.advance(MINUTE);
    const report = await tick();
    expect(report.warnings).toEqual([]);
    expect(report.addresses).toMatchObject({ ageMinutes: 1, subnets: expected });
    expect(report.addresses?.unknown).toBeUndefined();
    const inUse = expected.filter(({ prefixes }) => prefixes > 0);
    prefixesSeen += inUse.length;
    if (inUse.length > 0) {
      const free = inUse.map(({ freePrefixes }) => freePrefixes);
      expect(value(report, 'subnetFreePrefixesMin')).toBe(Math.min(...free));
      const fragmented = inUse.filter((row) => row.freePrefixes === 0 && row.free >= 16);
      expect(value(report, 'subnetsWithoutFreePrefixes')).toBe(fragmented.length);
    }
    // The next refresh is due in this cycle.
    cluster.fleet.advance(14 * MINUTE);
    await tick();
  }
  expect(prefixesSeen).toBeGreaterThan(0);
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
