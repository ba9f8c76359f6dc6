import { expect, test } from 'vitest';
import { readPods } from '../../../lambda/collect/read-pods.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import type { PodMemory } from '../../../lambda/domain/state/state.ts';
import { clusterOf, stillClock } from '../../support/collector.ts';
import { podReading } from '../../support/reading.ts';

const clock = stillClock(Date.parse('2026-11-29T12:00:00Z'));

test('pods that share an address share the limit of requests in flight with all others', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const cluster = clusterOf(Object.fromEntries(names.map((name) => [name, 'awscni_total_ip_addresses 5\n'])));
  let inFlight = 0;
  let most = 0;
  const counting = {
    async readMetrics(...args: Parameters<typeof cluster.readMetrics>) {
      inFlight += 1;
      most = Math.max(most, inFlight);
      const answer = await cluster.readMetrics(...args);
      inFlight -= 1;
      return answer;
    },
  };
  const pod = (name: string) => ({ name, node: `node-${name}`, address: '10.0.0.1' });
  const { fold, alive } = await readPods(
    counting,
    { counted: ['a', 'b'].map(pod), rivals: ['c', 'd'].map(pod), memories: undefined },
    { clock, deadline: Deadline.in(10_000, clock), concurrency: 1, timeoutMs: 1_000 },
    () => undefined,
  );
  expect(fold.readings.size).toBe(2 + alive.length);
  expect(most).toBe(1);
});

test('a thousand nodes that claim the address of one take less than a second to decide', async () => {
  const calls = (count: number, apis: readonly number[]) =>
    apis.map((index) => ({ api: `api-${index}`, count: index === 0 ? count : 1, sum: count }));
  const apis = Array.from({ length: 64 }, (_, index) => index);
  // Each process started within the jitter of a start time, so that only a total that fell tells them apart.
  const claimed = podReading(1_700_000_001, {}, calls(9, apis));
  const answer = podReading(1_700_000_000, {}, calls(5, apis.toReversed()));
  const names = [...Array.from({ length: 1_000 }, (_, index) => `offender-${index}`), 'victim'];
  const rivals = names.map((name) => ({ name, node: `node-of-${name}`, address: '10.0.0.1' }));
  const last = (name: string): PodMemory => ({ last: name === 'victim' ? answer : claimed });
  const before = process.cpuUsage();
  const { fold } = await readPods(
    { readMetrics: async () => answer },
    { counted: [], rivals, memories: new Map(names.map((name) => [name, last(name)])) },
    { clock, deadline: Deadline.in(10_000, clock), concurrency: 50, timeoutMs: 1_000 },
    () => undefined,
  );
  const { user, system } = process.cpuUsage(before);
  expect(fold.readings.get('victim')).toBe(answer);
  expect((user + system) / 1_000).toBeLessThan(1_000);
});
