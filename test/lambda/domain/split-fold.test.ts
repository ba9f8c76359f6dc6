import { expect, test } from 'vitest';
import { GAUGES } from '../../../lambda/domain/catalogue.ts';
import { cycleMetrics } from '../../../lambda/domain/cycle-metrics.ts';
import { addFailure, addReading, emptyFold, type Fold, mergeFold } from '../../../lambda/domain/fold.ts';
import type { PodReading } from '../../../lambda/domain/pod-reading.ts';
import { increase } from '../../../lambda/domain/state/counters.ts';
import { createFleet } from '../../../local/simulation/fleet.ts';

const NODES = 100_000;
const PARTS = 20;
const TICK = Date.UTC(2026, 10, 22, 12);

const fleet = createFleet({ nodes: 60, seed: 5, now: TICK, ipv6Nodes: 3 });
const samples = fleet.nodes().map(({ pod }) => fleet.reading(pod));

/** A reading for each of many nodes, no two with the same numbers; fractions, so that roundings would show. */
function readingOf(index: number): PodReading {
  const sample = samples[index % samples.length] as PodReading;
  return {
    ...sample,
    startTime: sample.startTime + index / 7,
    gauges: sample.gauges.map((value, gauge) => (GAUGES[gauge]?.labels.length ? value + index / 3 : value)),
    latencies: sample.latencies.map((latency) => ({ ...latency, sum: latency.sum + index / 11 })),
  };
}

const pods = Array.from({ length: NODES }, (_, index) => ({
  name: `aws-node-${index}`,
  node: `node-${index}`,
}));

const foldOf = (indices: readonly number[]): Fold => {
  const fold = emptyFold();
  for (const index of indices) {
    const pod = pods[index];
    if (!pod) continue;
    if (index % 997 === 0) addFailure(fold, pod.name, 'scrape-timeout', `no answer of ${pod.name}`);
    else addReading(fold, pod, readingOf(index));
  }
  return fold;
};

/** As a cycle after one in which every counter stood at nothing. */
function published(fold: Fold) {
  const listed = new Set(pods.map(({ name }) => name));
  const before = increase(undefined, { time: TICK - 60_000, listed: new Set(), read: new Map() }).next;
  const { increases } = increase(before, { time: TICK, listed, read: fold.readings });
  return cycleMetrics(fold, NODES, increases, 0);
}

test('100,000 nodes folded in 20 parts give the same datums as folded at once', () => {
  const indices = pods.map((_, index) => index);
  const whole = foldOf(indices);
  // Spread like a hash of the pod's name, and merged in another order than they were made.
  const parts = Array.from({ length: PARTS }, (_, part) =>
    foldOf(indices.filter((index) => (index * 7919) % PARTS === part)),
  );
  const merged = emptyFold();
  for (const part of parts.reverse()) mergeFold(merged, part);
  expect(published(merged)).toEqual(published(whole));
  expect(merged.failures).toEqual(whole.failures);
  expect(merged.fullest).toEqual(whole.fullest);
});
