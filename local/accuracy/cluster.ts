import { parseMetrics } from '../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterReader } from '../../lambda/collect/ports.ts';
import type { Deadline } from '../../lambda/deadline.ts';
import { CollectorError, ScrapeError } from '../../lambda/errors.ts';
import type { Fleet } from '../simulation/fleet.ts';
import type { Random } from '../simulation/random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { counterText } from './answer.ts';
import { type Observation, totalsOf } from './expected-counts.ts';
import type { FaultSource } from './faults.ts';

export interface Simulation {
  readonly fleet: Fleet;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: FaultSource;
}

/** What one run received from the cluster. */
export interface Observations {
  /** In the order of the list. */
  listed: readonly string[];
  readonly observed: Map<string, Observation>;
}

const SLOW_LIST_MS = { least: 20_000, most: 110_000 };
const SLOW_READ_MS = { least: 500, most: 9_000 };

/** The simulated cluster for one run: each request gets its state at that moment. */
export function clusterReaderOf(observations: Observations, simulation: Simulation): ClusterReader {
  const { fleet, clock, random, faults } = simulation;

  /** @returns whether it ended before the deadline */
  const delay = async ({ least, most }: { least: number; most: number }, { remainingMs }: Deadline) => {
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
      if (faults.occurs('failedList')) throw new CollectorError('api-unreachable', 'the list failed');
      if (faults.occurs('slowList') && !(await delay(SLOW_LIST_MS, deadline)))
        throw new CollectorError('api-unreachable', 'the list took longer than its deadline');
      const nodes = present().nodes();
      observations.listed = nodes.map(({ pod }) => pod);
      return nodes.map(({ pod, name }) => ({ name: pod, node: name }));
    },
    async readMetrics({ name }, deadline) {
      if (faults.occurs('slowRead') && !(await delay(SLOW_READ_MS, deadline)))
        throw new ScrapeError('scrape-timeout', 'no answer in time');
      if (faults.occurs('failedRead')) throw new ScrapeError('port-refused', 'nothing listens');
      if (faults.occurs('brokenRead'))
        throw new ScrapeError('connection-lost', 'the connection broke', { retryable: true });
      if (faults.occurs('garbledRead')) return parseMetrics(Buffer.from('<html>502 Bad Gateway</html>'));
      const process = present().find(name)?.process;
      if (!process) throw new ScrapeError('pod-gone', 'the pod is gone');
      observations.observed.set(name, { process, totals: totalsOf(process) });
      return parseMetrics(Buffer.from(counterText(process)));
    },
  };
}
