import { expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import { chooseFaults } from '../../local/fail-pods.ts';
import { createFleet, type Fleet } from '../../local/simulation/fleet.ts';
import { seededRandom } from '../../local/simulation/random.ts';
import { expectedSecondCycle, type Moment, subnetsNow } from '../support/expected-cycle.ts';
import { npmStart } from '../support/npm-start.ts';

const start = (...args: string[]) =>
  npmStart(args, { AWS_PROFILE: 'of-somebody-else', LOG_LEVEL: 'nonsense' });

const momentOf = (fleet: Fleet, unreadable: Iterable<string>): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(unreadable),
  subnets: subnetsNow(fleet.subnets()),
});

/** The two moments at which `npm start -- --once` collects, lived again without the collector. */
function livedAgain(secondCycle: number, nodes: number, seed: number, fail: number): [Moment, Moment] {
  const fleet = createFleet({ nodes, seed, now: secondCycle - 60_000 });
  const random = seededRandom(seed);
  const look = () => {
    const pods = fleet.nodes().map(({ pod }) => pod);
    return momentOf(fleet, chooseFaults(pods, fail, random).keys());
  };
  const first = look();
  fleet.advance(60_000);
  return [first, look()];
}

const inOrder = (metrics: readonly Metric[]) =>
  metrics
    .map((metric) => ({ key: `${metric.name} ${metric.dimensions?.SUBNET_ID ?? ''}`, metric }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ metric }) => metric);

test.each([
  { nodes: 40, seed: 7, fail: 10, note: 'some pods unreadable, others in each cycle' },
  { nodes: 40, seed: 115, fail: 0, note: 'a node joins, one leaves, an ipamd restarts' },
  { nodes: 12, seed: 1, fail: 50, note: 'every second pod' },
])('publishes what the simulator knows, to the digit: $note', async ({ nodes, seed, fail }) => {
  const args = ['--nodes', String(nodes), '--seed', String(seed), '--fail', String(fail)];
  const { code, stdout, stderr } = await start('--once', '--json', ...args);
  expect(code).toBe(0);
  const report: Report = JSON.parse(stdout);
  const [first, second] = livedAgain(Date.parse(report.time), nodes, seed, fail);

  const published = report.metrics.filter(({ name }) => name !== 'collectDuration');
  expect(inOrder(published)).toEqual(inOrder(expectedSecondCycle(first, second)));
  expect(report.metrics.length).toBe(published.length + 1);
  expect(report.published).toEqual({ sink: 'cloudwatch', datums: report.metrics.length, requests: 1 });
  const messages = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).message);
  expect(messages.filter((message) => message === 'cycle')).toHaveLength(2);
});

test('shows a person two tables, the second with what changed, and what is wrong', async () => {
  const { code, stdout, stderr } = await start('--once', '--nodes', '40', '--seed', '7', '--fail', '10');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Cluster "embedded" {2}· {2}40 nodes {2}· {2}seed 7/);
  const [, one = '', two = ''] = stdout.split(/^Cycle \d/m);
  expect(one).toContain('36 of 40 pods read');
  expect(one).not.toContain('Events since the last cycle');
  expect(two).toMatch(/^ {2}addReqCount +\d+ +new {2}requests for an address for a pod$/m);
  expect(two).toMatch(/^ {2}subnetAvailableIPs +[\d,]+ +(·|[+−][\d,]+) {2}subnet-0a11ce00000000000$/m);
  expect(two).toMatch(/^ {2}✗ [a-z-]+ on \d pods?: .+\n {4}[A-Z].+\.$/m);
  expect(stdout).not.toContain('\u001b');
});

test('a command line that cannot be understood ends with exit code 2 and says what is accepted', async () => {
  const { code, stdout, stderr } = await start('--nodes', '0');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^--nodes takes a whole number from 1 to 10000, not '0'\n\nnpm start -- \[options\]\n/,
  );
});

test('a cycle that fails says why, and the exit code tells it', async () => {
  const { code, stdout, stderr } = await start('--once', '--json', '--fail', '100', '--nodes', '3');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Cycle 2 failed: no-pods-read: none of 3 aws-node pods could be read');
});

test('--break shows a person the path with the broken step and its remedy', async () => {
  const { code, stdout, stderr } = await start('--break', 'metrics-disabled', '--nodes', '3');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Broken: DISABLE_METRICS=true: ipamd does not listen\n\n/);
  expect(stdout).toMatch(/^ {2}✓ authorization +\d+ ms {2}list pods in kube-system: allowed; /m);
  expect(stdout).toMatch(/^ {2}– describe-cluster {10}CLUSTER_ENDPOINT and CLUSTER_CA are set/m);
  expect(stdout).toMatch(
    /^ {2}✗ scrape-all +\d+ ms {2}0 of 3 pods read; port-refused on 3 pods \(.*\n {6}cause {3}port-refused: nothing listens .*\n {6}remedy {2}Remove DISABLE_METRICS=true /m,
  );
  expect(stdout).toMatch(/\n\nNot healthy: 2 steps failed\n\n$/);
});

test('--break --json prints the diagnosis as the function answers it', async () => {
  const { code, stdout, stderr } = await start('--break', 'tls', '--json', '--nodes', '3');
  expect(code).toBe(0);
  const { healthy, steps } = JSON.parse(stdout);
  expect(healthy).toBe(false);
  expect(steps.filter(({ status }: { status: string }) => status === 'failed')).toEqual([
    expect.objectContaining({ name: 'tls', cause: expect.stringMatching(/^api-tls: /) }),
  ]);
  expect(JSON.parse(stderr)).toMatchObject({ level: 'WARN', message: 'diagnosis', steps });
});
