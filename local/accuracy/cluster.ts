import { parseMetrics } from '../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterApi } from '../../lambda/collect/ports.ts';
import { CollectorError, ScrapeError } from '../../lambda/errors.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { Random } from '../simulation/random.ts';
import { counterText } from './answer.ts';
import { type Glimpse, totalsOf } from './ledger.ts';
import type { Timeline } from './timeline.ts';
import type { Fate } from './troubles.ts';

export interface World {
  readonly fleet: Fleet;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly fate: Fate;
}

/** What one run was told by the cluster. */
export interface Witness {
  /** In the order of the list. */
  listed: readonly string[];
  readonly glimpses: Map<string, Glimpse>;
}

const SLOW_LIST_MS = { least: 20_000, most: 110_000 };
const SLOW_READ_MS = { least: 500, most: 9_000 };

/** The simulated cluster as one run sees it: as it is at the moment of each request. */
export function clusterSeenBy(witness: Witness, world: World): ClusterApi {
  const { fleet, timeline, random, fate } = world;

  /** @returns whether it took no longer than the budget */
  const take = async ({ least, most }: { least: number; most: number }, budgetMs: number) => {
    const ms = least + random.below(most - least);
    await timeline.wait(Math.min(ms, budgetMs));
    return ms <= budgetMs;
  };
  const present = () => {
    fleet.advance(timeline.now() - fleet.now());
    return fleet;
  };

  return {
    async listPods(budgetMs) {
      if (fate.happens('failedList')) throw new CollectorError('api-unreachable', 'the list failed');
      if (fate.happens('slowList') && !(await take(SLOW_LIST_MS, budgetMs)))
        throw new CollectorError('api-unreachable', 'the list took too long');
      const nodes = present().nodes();
      witness.listed = nodes.map(({ pod }) => pod);
      return nodes.map(({ pod, name }) => ({ name: pod, node: name }));
    },
    async readMetrics({ name }, budgetMs) {
      if (fate.happens('slowRead') && !(await take(SLOW_READ_MS, budgetMs)))
        throw new ScrapeError('scrape-timeout', 'no answer in time');
      if (fate.happens('failedRead')) throw new ScrapeError('port-refused', 'nothing listens');
      if (fate.happens('brokenRead'))
        throw new ScrapeError('connection-lost', 'the connection broke', { retryable: true });
      if (fate.happens('garbledRead')) return parseMetrics(Buffer.from('<html>502 Bad Gateway</html>'));
      const process = present().find(name)?.process;
      if (!process) throw new ScrapeError('pod-gone', 'the pod is gone');
      witness.glimpses.set(name, { process, totals: totalsOf(process) });
      return parseMetrics(Buffer.from(counterText(process)));
    },
  };
}
