import { parseMetrics } from '../../lambda/adapters/api-server/parse-metrics.ts';
import { leasedState } from '../../lambda/adapters/state/leased-state.ts';
import { memoryObject } from '../../lambda/adapters/state/memory-object.ts';
import type { Collector } from '../../lambda/collect/cycle.ts';
import type { ClusterReader } from '../../lambda/collect/ports.ts';
import type { Clock } from '../../lambda/deadline.ts';
import type { ScrapeError } from '../../lambda/errors.ts';

/** Stands still: nothing that uses it may wait. */
export const stillClock = (now: number, elapsed = () => 0): Clock => ({
  now: () => now,
  elapsed,
  wait: () => new Promise(() => {}),
});

/** What each pod answers: text, or why it cannot be read. */
export type Answers = Readonly<Record<string, string | ScrapeError>>;

export const clusterOf = (answers: Answers): ClusterReader => ({
  listPods: async () => Object.keys(answers).map((name) => ({ name, node: `node-${name}` })),
  async readMetrics({ name }) {
    const answer = answers[name];
    if (typeof answer !== 'string') throw answer;
    return parseMetrics(Buffer.from(answer));
  },
});

/** A collector whose state is in memory; without more parts it reads and publishes nothing. */
export const collectorOf = (parts: Partial<Collector> & Pick<Collector, 'clock'>): Collector => ({
  clusterName: 'prod',
  clusterId: 'prod-id',
  cluster: undefined,
  state: leasedState({ object: memoryObject('state'), cluster: 'prod', owner: 'test', clock: parts.clock }),
  sink: undefined,
  subnets: undefined,
  scrape: { timeoutMs: 3_000, concurrency: 1 },
  notices: [],
  ...parts,
});
