import { afterAll, expect, test } from 'vitest';
import {
  answer,
  cycleWith,
  expectedMetrics,
  inOrder,
  MAX_CPU_MS,
  startHostileCluster,
} from './hostile-cluster.ts';

const hostile = await startHostileCluster(12);
await hostile.nextCycle();
afterAll(() => hostile[Symbol.asyncDispose]());

const many = (count: number, bytes: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'x'.repeat(bytes)]));

// Node's client ends the connection: only the offender may fail.
test.each([
  { what: '60 headers of 3 KB', fault: answer('awscni_eni_max 4\n', { headers: many(60, 3_000) }) },
  { what: 'one header of 90 KB', fault: answer('awscni_eni_max 4\n', { headers: many(1, 90_000) }) },
  { what: 'one header of 500 KB', fault: answer('awscni_eni_max 4\n', { headers: many(1, 500_000) }) },
])('$what cost this pod alone, in each of three cycles', async ({ fault }) => {
  for (let cycle = 0; cycle < 3; cycle += 1) {
    const { pod, first, second, invocation } = await cycleWith(hostile, fault);
    expect(inOrder(invocation.report?.metrics)).toEqual(expectedMetrics(first, second, pod, undefined));
    expect(invocation.cpuMs).toBeLessThan(MAX_CPU_MS);
  }
});

test('a Retry-After of 36 s does not make the cycle 36 s long', async () => {
  const { pod, first, second, invocation } = await cycleWith(
    hostile,
    answer('', { status: 429, headers: { 'retry-after': '36' } }),
  );
  expect(inOrder(invocation.report?.metrics)).toEqual(expectedMetrics(first, second, pod, undefined));
  expect(invocation.report?.durationsMs.scrape).toBeLessThan(10_000);
});

// One node's gauges that no ipamd can have are unknown, and never cost the others.
const gauges = (assigned: string, total: string) =>
  `process_start_time_seconds 1.7e9\nawscni_assigned_ip_addresses ${assigned}\nawscni_total_ip_addresses ${total}\n`;

test.each([
  { what: 'a total of 5e-324', text: gauges('1', '5e-324') },
  { what: 'a total of 1e-300', text: gauges('3', '1e-300') },
  { what: 'in use of 9007199254740992', text: gauges('9007199254740992', '10') },
  { what: 'a negative total', text: gauges('3', '-1000') },
  { what: 'a negative number in use', text: gauges('-1000', '10') },
  { what: 'half an address', text: gauges('0.5', '10') },
])('$what: the cycle is published, and the sums of the others stand', async ({ text }) => {
  const { pod, first, second, invocation } = await cycleWith(hostile, answer(text));
  const others = inOrder(expectedMetrics(first, second, pod, undefined));
  const names = [
    'eniAllocated',
    'eniMaxAvailable',
    'maxIPAddresses',
    'warmIPAddresses',
    'nodesWithoutWarmIPs',
  ];
  const only = (metrics: readonly { name: string }[] = []) =>
    metrics.filter(({ name }) => names.includes(name));
  expect(invocation.error).toBeUndefined();
  expect(invocation.report?.published).not.toBeNull();
  expect(only(inOrder(invocation.report?.metrics))).toEqual(only(others));
});
