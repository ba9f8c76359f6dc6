import { expect, test } from 'vitest';
import { readPods } from '../../../lambda/collect/read-pods.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import { clusterOf, stillClock } from '../../support/collector.ts';

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
