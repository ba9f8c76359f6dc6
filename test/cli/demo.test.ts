import { exec, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import { chooseFaults } from '../../local/fail-pods.ts';
import { createFleet, type Fleet } from '../../local/simulation/fleet.ts';
import { seededRandom } from '../../local/simulation/random.ts';
import { expectedSecondCycle, type Moment, subnetsNow } from '../support/expected-cycle.ts';
import { MAIN, runCli } from '../support/run-cli.ts';

const start = (...args: string[]) =>
  runCli(['demo', ...args], { AWS_PROFILE: 'of-somebody-else', LOG_LEVEL: 'nonsense' });

const momentOf = (fleet: Fleet, unreadable: Iterable<string>): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(unreadable),
  subnets: subnetsNow(fleet),
});

/** The two moments at which `demo --once` collects, replayed without the collector. */
function replayed(secondCycle: number, nodes: number, seed: number, fail: number): [Moment, Moment] {
  const fleet = createFleet({ nodes, seed, now: secondCycle - 60_000, sharedBy: 'embedded' });
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
  const [first, second] = replayed(Date.parse(report.time), nodes, seed, fail);

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

test('a cycle that fails is shown like others, with each cause, its remedy, and exit code 1', async () => {
  const { code, stdout, stderr } = await start('--once', '--fail', '100', '--nodes', '3');
  expect([code, stderr]).toEqual([1, '']);
  const two = stdout.slice(stdout.indexOf('Cycle 2'));
  expect(two).toMatch(/^Cycle 2 {2}· {2}failed {2}· {2}\d\d:\d\d {2}· {2}0 of 3 pods read {2}· /);
  expect(two).toMatch(/^Worth knowing\n( {2}✗ [a-z-]+ on \d pods?: .+\n {4}[A-Z].+\.\n)+/m);
  expect(two).toMatch(
    /^Why it failed\n {2}✗ no-pods-read: none of 3 aws-node pods could be read: .+\n {4}[A-Z].+\.\n/m,
  );
});

test('--json gives the failure of the last cycle, never an earlier report', async () => {
  const { code, stdout, stderr } = await start('--once', '--json', '--fail', '100', '--nodes', '3');
  expect(code).toBe(1);
  const { failure, report } = JSON.parse(stdout);
  expect(failure).toEqual({
    code: 'no-pods-read',
    what: expect.stringMatching(/^none of 3 aws-node pods could be read: /),
    remedy: expect.stringMatching(/^[A-Z].+\.$/),
  });
  expect(report).toMatchObject({ pods: { found: 3, read: 0, failed: 3 } });
  // As in a cycle that succeeds, without what makes it a line of the log.
  expect(Object.keys(report).slice(0, 3)).toEqual(['cluster', 'clusterId', 'time']);
  const lines = stderr.trim().split('\n');
  expect(report.time).toBe(JSON.parse(lines.at(-2) ?? '').time);
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('message');
});

test('a pipe that closes early is not an error', async () => {
  const { stdout, stderr } = await promisify(exec)(
    `"${process.execPath}" "${MAIN}" demo --nodes 3 | head -n 1`,
    { env: { PATH: process.env.PATH } },
  );
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+ {2}· {2}Cluster "embedded" {2}· {2}3 nodes/);
  expect(stderr).toBe('');
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

test('Ctrl-C ends it at once, even in the middle of a cycle', async () => {
  const child = spawn(process.execPath, [MAIN, 'demo', '--nodes', '2000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  // The introduction is printed when the first cycle begins.
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [code, signal] = await once(child, 'exit');
  expect([code, signal, await stderr]).toEqual([0, null, '']);
  expect(await stdout).not.toContain('Cycle 1');
});
