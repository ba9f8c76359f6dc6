import { expect, test } from 'vitest';
import { COUNTERS } from '../../lambda/domain/catalog.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { CounterReading } from '../../lambda/domain/state/state.ts';
import { type Random, seededRandom } from '../../local/simulation/random.ts';
import { answer, type HostileCluster, MAX_CPU_MS, startHostileCluster } from './hostile-cluster.ts';

const CYCLES = 20;
const HOSTILE_PODS = 5;

/** What is put into an answer: pieces of the text format, odd numbers, and bytes that are no text. */
const PIECES = [
  '{',
  '}',
  '"',
  '\\',
  '\n',
  '\r',
  '\0',
  ' ',
  ',',
  '=',
  '#',
  '# EOF\n',
  'NaN',
  '+Inf',
  '-1',
  '1e3',
  '9007199254740993',
  '0x1p4',
  '\u202e',
  '\xff',
  'awscni_total_ip_addresses',
  'process_start_time_seconds 5\n',
  '{api="x",api="x"}',
  '{__proto__="constructor"}',
] as const;

/** The text with a few random changes: pieces inserted, ranges removed, repeated, or put elsewhere. */
function changed(text: string, random: Random): string {
  let result = text;
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    const at = random.below(result.length + 1);
    const length = random.below(200);
    const range = result.slice(at, at + length);
    const elsewhere = random.below(result.length + 1);
    const change = random.pick(['insert', 'remove', 'repeat', 'move', 'cut'] as const);
    if (change === 'insert') result = result.slice(0, at) + random.pick(PIECES) + result.slice(at);
    else if (change === 'remove') result = result.slice(0, at) + result.slice(at + length);
    else if (change === 'repeat') result = result.slice(0, at) + range.repeat(20) + result.slice(at);
    else if (change === 'move') result = result.slice(0, elsewhere) + range + result.slice(elsewhere);
    else result = result.slice(0, at);
  }
  return result;
}

/**
 * A reading as the state keeps it, in one order: a family with labels that is not exposed is 0. An API that the pod
 * made up in an earlier cycle is remembered as long as its process lives.
 */
function kept({ startTime, counters, latencies }: PodReading | CounterReading, truth: PodReading) {
  const real = new Set(truth.latencies.map(({ api }) => api));
  return {
    startTime,
    counters: counters.map((value, position) => (COUNTERS[position]?.labels.length ? value || 0 : value)),
    latencies: latencies
      .filter(({ api }) => real.has(api))
      .map(({ api, count, sum }) => ({ api, count, sum }))
      .toSorted((a, b) => (a.api < b.api ? -1 : 1)),
  };
}

/** One cycle in which some pods answer with changed text; what it says of the others must be exact. */
async function cycle(hostile: HostileCluster, random: Random) {
  const { fleet, apiServer } = hostile.cluster;
  const pods = fleet.nodes().map(({ pod }) => pod);
  const chosen = new Set(Array.from({ length: HOSTILE_PODS }, () => random.pick(pods as [string])));
  for (const pod of chosen)
    apiServer.faults.answers.set(pod, answer(Buffer.from(changed(fleet.exposition(pod), random), 'latin1')));
  const { report, error, cpuMs } = await hostile.nextCycle();
  apiServer.faults.answers.clear();

  expect(error).toBeUndefined();
  expect(cpuMs).toBeLessThan(HOSTILE_PODS * MAX_CPU_MS);
  const others = fleet.nodes().filter(({ pod }) => !chosen.has(pod));
  const stored = hostile.stored();
  for (const { pod } of others) {
    const truth = fleet.reading(pod);
    const memory = stored.get(pod);
    expect(memory && kept(memory, truth)).toEqual(kept(truth, truth));
  }
  const lines = others.map(
    ({ pod, name, pool }) =>
      `${pod} on ${name}: read, ${pool.assigned()} of ${pool.total()} addresses assigned`,
  );
  expect(report?.podLines).toEqual(expect.arrayContaining(lines));
}

test.each([1, 2, 3])('answers changed at random, seed %i, change no number of another pod', async (seed) => {
  await using hostile = await startHostileCluster(seed);
  const random = seededRandom(seed);
  await hostile.nextCycle();
  for (let count = 0; count < CYCLES; count += 1) await cycle(hostile, random);
});
