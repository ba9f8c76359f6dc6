import { parseMetrics } from '../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterReader } from '../../lambda/collect/ports.ts';
import type { Deadline } from '../../lambda/deadline.ts';
import { CollectorError, ScrapeError } from '../../lambda/errors.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { Random } from '../simulation/random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { counterText } from './answer.ts';
import { type Glimpse, totalsOf } from './ledger.ts';
import type { Fate } from './troubles.ts';

export interface World {
  readonly fleet: Fleet;
  readonly clock: VirtualClock;
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
export function clusterSeenBy(witness: Witness, world: World): ClusterReader {
  const { fleet, clock, random, fate } = world;

  /** @returns whether it ended before the deadline */
  const take = async ({ least, most }: { least: number; most: number }, { remainingMs }: Deadline) => {
    const ms = least + random.below(most - least);
    await clock.wait(Math.min(ms, remainingMs));
    return ms <= remainingMs;
  };
  const present = () => {
    fleet.advance(clock.now() - fleet.now());
    return fleet;
  };

  return {
    async listPods(deadline) {
      if (fate.happens('failedList')) throw new CollectorError('api-unreachable', 'the list failed');
      if (fate.happens('slowList') && !(await take(SLOW_LIST_MS, deadline)))
        throw new CollectorError('api-unreachable', 'the list took too long');
      const nodes = present().nodes();
      witness.listed = nodes.map(({ pod }) => pod);
      return nodes.map(({ pod, name }) => ({ name: pod, node: name }));
    },
    async readMetrics({ name }, deadline) {
      if (fate.happens('slowRead') && !(await take(SLOW_READ_MS, deadline)))
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
