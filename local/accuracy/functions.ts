import { leasedState } from '../../lambda/adapters/state/leased-state.ts';
import type { VersionedObject } from '../../lambda/adapters/state/versioned-object.ts';
import { type Collector, collect, type Outcome } from '../../lambda/collect/collect.ts';
import type { MetricSink, StateStore } from '../../lambda/collect/ports.ts';
import { type Clock, Deadline } from '../../lambda/deadline.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { clusterSeenBy, type Witness, type World } from './cluster.ts';
import { troubledObject } from './troubles.ts';

/** How many milliseconds a run may take: twice the period of its schedule. */
const TIMEOUT_MS = 120_000;
/** Clocks of functions are off by this much at the most, either way, milliseconds. */
const SKEW_MS = 60_000;

/** A warm function: what stays in memory between its runs. */
interface Instance {
  readonly state: StateStore;
  readonly clock: Clock;
  isRunning: boolean;
  /** Whether it may have stored state that was not published, and has to roll it back. */
  owes: boolean;
}

export interface Run extends Witness {
  /** Undefined: it failed before there was anything to publish. */
  readonly outcome: Outcome | undefined;
}

/** What Lambda does with deliveries: an idle function if there is one, else a cold start. */
export function createFunctions(world: World, object: VersionedObject, sink: MetricSink) {
  const { clock: worldClock, fate, random } = world;
  const warm = new Set<Instance>();
  const tally = { coldStarts: 0, overlaps: 0, lostIntervals: 0 };

  function coldStart(): Instance {
    tally.coldStarts += 1;
    const skew = random.below(2 * SKEW_MS) - SKEW_MS;
    const now = () => worldClock.now() + skew;
    const clock = { now, elapsed: now, wait: worldClock.wait };
    const store = leasedState({
      object: troubledObject(object, fate, random),
      cluster: 'simulated',
      owner: `function-${tally.coldStarts}`,
      clock,
    });
    const crash = () => {
      warm.delete(instance);
      return new Promise<never>(() => {});
    };
    const state: StateStore = {
      read: store.read,
      async acquire(...args) {
        const lease = await store.acquire(...args);
        if (lease.outcome !== 'acquired') return lease;
        // What another one has prepared and not published is lost: the one window there is.
        if ([...warm].some((other) => other !== instance && other.owes)) tally.lostIntervals += 1;
        instance.owes = false;
        return lease;
      },
      async prepare(...args) {
        if (fate.happens('crash')) return crash();
        instance.owes = true;
        await store.prepare(...args);
      },
      async commit(...args) {
        instance.owes = false;
        // All that follows the commit is the report: without a commit the run goes on as if it had crashed.
        if (fate.happens('lateCrash')) warm.delete(instance);
        else await store.commit(...args);
      },
      async rollback(...args) {
        await store.rollback(...args);
        instance.owes = false;
      },
    };
    const instance: Instance = { state, clock, isRunning: false, owes: false };
    warm.add(instance);
    return instance;
  }

  return {
    tally,
    /** One invocation; it never ends where the function crashes. */
    async deliver(tick: number): Promise<Run> {
      const idle = [...warm].filter(({ isRunning }) => !isRunning);
      if (idle.length < warm.size) tally.overlaps += 1;
      const instance = idle.find(({ owes }) => owes) ?? idle.at(-1) ?? coldStart();
      const witness: Witness = { listed: [], glimpses: new Map() };
      instance.isRunning = true;
      const collector: Collector = {
        clusterName: 'simulated',
        clusterId: 'simulated',
        cluster: clusterSeenBy(witness, world),
        state: instance.state,
        sink,
        subnets: undefined,
        scrape: { timeoutMs: 5_000, concurrency: 50 },
        clock: instance.clock,
        notices: [],
      };
      const deadline = Deadline.in(TIMEOUT_MS, instance.clock);
      const outcome = await collect(collector, { time: tick, dryRun: false, deadline }).catch(unlessExpected);
      instance.isRunning = false;
      if (!instance.owes && fate.happens('retired')) warm.delete(instance);
      return { ...witness, outcome };
    },
  };
}

/** A list that failed leaves nothing to report. */
function unlessExpected(error: unknown): undefined {
  if (!(error instanceof CollectorError)) throw error;
}
