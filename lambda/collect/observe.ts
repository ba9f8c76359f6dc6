import { emptyFold, type Fold } from '../domain/fold.ts';
import { onePodANode } from '../domain/one-pod-a-node.ts';
import type { State } from '../domain/state/state.ts';
import { holdingsIn, type KnownHoldings } from '../domain/subnets/known-holdings.ts';
import { subnetMetrics } from '../domain/subnets/subnet.ts';
import type { Budget } from './budget.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { Collector, Cycle } from './cycle.ts';
import { podLine } from './pod-lines.ts';
import type { Pod, SubnetReading } from './ports.ts';
import { send } from './publish.ts';
import { readPods } from './read-pods.ts';

/** What a cycle saw of the cluster. */
export interface Observation {
  readonly pods: readonly Pod[];
  readonly fold: Fold;
  readonly coverage: Coverage;
  /** One line per pod, by name; empty unless the event asks for them. */
  readonly podLines: readonly string[];
  readonly subnets: SubnetReading;
  /** Undefined: not known, or too old. */
  readonly holdings: KnownHoldings | undefined;
  readonly durationsMs: { readonly discover: number; readonly scrape: number };
}

/**
 * Lists and reads the pods, and the subnets beside them.
 * @param state its streaks say which pods are expected to be unresponsive
 * @throws CollectorError if the list fails
 */
export async function observe(
  collector: Collector,
  cycle: Cycle,
  budget: Budget,
  state: State | undefined,
): Promise<Observation> {
  const { clock } = collector;
  const started = clock.elapsed();
  const readingSubnets = readSubnets(collector, budget);
  const readingHoldings = collector.holdings?.known(clock.now(), budget.subnets());
  const { counted, rivals, ignored } = onePodANode(await discover(collector, cycle, budget, readingSubnets));
  const discovered = clock.elapsed();
  const { fold, alive, podLines } = await scrapeAll(collector, cycle, budget, { counted, rivals }, state);
  const scraped = clock.elapsed();
  const pods = [...counted, ...alive];
  const [subnets, holdings] = [await readingSubnets, await readingHoldings];
  return {
    pods,
    fold,
    coverage: coverageOf(fold, pods.length, [...ignored, ...rivals.filter((pod) => !alive.includes(pod))]),
    podLines,
    subnets,
    holdings: holdings && holdingsIn(holdings, subnets.subnets),
    durationsMs: { discover: discovered - started, scrape: scraped - discovered },
  };
}

const readSubnets = async ({ subnets }: Collector, budget: Budget): Promise<SubnetReading> =>
  subnets ? subnets(budget.subnets()) : { subnets: [] };

/** The pods. If the list fails, the subnet metrics are published before the failure is passed on. */
async function discover(
  { cluster, sink }: Collector,
  { time, dryRun }: Cycle,
  budget: Budget,
  readingSubnets: Promise<SubnetReading>,
): Promise<readonly Pod[]> {
  try {
    return (await cluster?.listPods(budget.scrape)) ?? [];
  } catch (failure) {
    const metrics = subnetMetrics((await readingSubnets).subnets);
    if (metrics.length > 0 && !dryRun) await send(sink, metrics, time, budget.publish);
    throw failure;
  }
}

async function scrapeAll(
  { cluster, scrape, clock }: Collector,
  { verbose }: Cycle,
  budget: Budget,
  { counted, rivals }: { readonly counted: readonly Pod[]; readonly rivals: readonly Pod[] },
  state: State | undefined,
): Promise<Pick<Observation, 'fold' | 'podLines'> & { readonly alive: readonly Pod[] }> {
  if (!cluster) return { fold: emptyFold(), alive: [], podLines: [] };
  const podLines: string[] = [];
  const unreadCycles = (pod: string) => state?.pods.get(pod)?.unread?.cycles ?? 0;
  const options = { ...scrape, unreadCycles, deadline: budget.scrape, clock };
  const pods = { counted, rivals, memories: state?.pods };
  const { fold, alive } = await readPods(cluster, pods, options, (pod, result) => {
    if (verbose) podLines.push(podLine(pod, result));
  });
  return { fold, alive, podLines: podLines.sort() };
}
