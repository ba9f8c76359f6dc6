import { expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterReader } from '../../../lambda/collect/ports.ts';
import { scrape } from '../../../lambda/collect/scrape.ts';
import { unresponsiveLast } from '../../../lambda/collect/unresponsive-last.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import type { ScrapeFailureCode } from '../../../lambda/domain/causes.ts';
import { ExpositionError } from '../../../lambda/domain/exposition/decode.ts';
import { ScrapeError } from '../../../lambda/errors.ts';
import { createVirtualClock } from '../../../local/virtual-clock.ts';

/** A cluster whose pods answer after 20 ms, never, or with a failure at once. */
function cluster(names: readonly string[], failing: ReadonlyMap<string, ScrapeFailureCode>) {
  const time = createVirtualClock();
  const api: ClusterReader = {
    listPods: async () => names.map((name) => ({ name, node: '' })),
    async readMetrics({ name }, deadline) {
      const code = failing.get(name);
      await time.wait(code === 'scrape-timeout' ? deadline.remainingMs : 20);
      if (code === 'unparsable') return new ExpositionError(1, 'scripted');
      if (code) throw new ScrapeError(code, 'scripted');
      return parseMetrics(Buffer.from('awscni_eni_max 4\n'));
    },
  };
  return { time, api };
}

const namesOf = async (api: ClusterReader) =>
  (await api.listPods(Deadline.in(1000, createVirtualClock()))).map(({ name }) => name);

async function readAll({ api, time }: ReturnType<typeof cluster>, deadlineMs: number) {
  const start = time.now();
  const outcomes = new Map<string, string>();
  const deadline = Deadline.in(deadlineMs, time);
  const pods = await api.listPods(deadline);
  await time.run(
    scrape(api, pods, { concurrency: 100, timeoutMs: 3000, deadline, clock: time }, (pod, outcome) => {
      outcomes.set(pod.name, outcome instanceof ScrapeError ? outcome.code : 'read');
    }),
  );
  const count = (what: string) => [...outcomes.values()].filter((outcome) => outcome === what).length;
  return { tookMs: time.now() - start, outcomes: outcomes.size, read: count('read') };
}

const many = Array.from({ length: 5000 }, (_, index) => `aws-node-${index}`);
const everyFifth = new Map(
  many.filter((_, index) => index % 5 === 0).map((name) => [name, 'scrape-timeout'] as const),
);

test('pods that gave no answer come last, in their order, until they answer', async () => {
  const failing = new Map<string, ScrapeFailureCode>([
    ['a', 'scrape-timeout'],
    ['b', 'port-unreachable'],
    ['c', 'port-refused'],
    ['d', 'bad-status'],
  ]);
  const base = cluster(['a', 'b', 'c', 'd', 'e', 'f'], failing);
  const api = unresponsiveLast(base.api);
  await readAll({ ...base, api }, 5000);
  expect(await namesOf(api)).toEqual(['d', 'e', 'f', 'a', 'b', 'c']);
  failing.delete('b');
  await readAll({ ...base, api }, 5000);
  expect(await namesOf(api)).toEqual(['b', 'd', 'e', 'f', 'a', 'c']);
});

test.each<[ScrapeFailureCode, string[]]>([
  ['connection-lost', ['b', 'a']],
  ['scrape-throttled', ['b', 'a']],
  ['scrape-unauthorized', ['b', 'a']],
  ['bad-status', ['b', 'a']],
  ['unparsable', ['a', 'b']],
])('a silent pod that then fails with %s: the next order is %j', async (code, order) => {
  const failing = new Map<string, ScrapeFailureCode>([['a', 'scrape-timeout']]);
  const base = cluster(['a', 'b'], failing);
  const api = unresponsiveLast(base.api);
  await readAll({ ...base, api }, 5000);
  expect(await namesOf(api)).toEqual(['b', 'a']);
  failing.set('a', code);
  await readAll({ ...base, api }, 5000);
  expect(await namesOf(api)).toEqual(order);
});

test('of 5,000 pods a fifth is dead: all others are read, well within the time', async () => {
  const { tookMs, ...found } = await readAll(cluster(many, everyFifth), 38_000);
  expect(found).toEqual({ outcomes: 5000, read: 4000 });
  expect(tookMs).toBeLessThan(35_000);
});

test('where the time is too short for the dead ones, all live ones are read from the third cycle on', async () => {
  const base = cluster(many, everyFifth);
  const remembering = { ...base, api: unresponsiveLast(base.api) };
  const read: number[] = [];
  for (let cycle = 0; cycle < 4; cycle += 1) {
    const found = await readAll(remembering, 12_000);
    expect(found.outcomes).toBe(5000);
    expect(found.tookMs).toBeLessThanOrEqual(12_000);
    read.push(found.read);
  }
  expect(read[0]).toBeLessThan(2000);
  expect(read.slice(2)).toEqual([4000, 4000]);
});
