import { leasedState } from '../../lambda/adapters/state/leased-state.ts';
import type { VersionedObject } from '../../lambda/adapters/state/versioned-object.ts';
import { collect, type Outcome } from '../../lambda/collect/collect.ts';
import type { Collector } from '../../lambda/collect/cycle.ts';
import type { MetricSink, StateStore } from '../../lambda/collect/ports.ts';
import { type Clock, Deadline } from '../../lambda/deadline.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { clusterReaderOf, type Observations, type Simulation } from './cluster.ts';
import { unreliableObject } from './faults.ts';

/** The most milliseconds that a run may take: twice the period of its schedule. */
const TIMEOUT_MS = 120_000;
/** The clock of a function is wrong by at most this many milliseconds, ahead or behind. */
const SKEW_MS = 60_000;

/** A warm function: what stays in memory between its runs. */
interface Instance {
  readonly state: StateStore;
  readonly clock: Clock;
  isRunning: boolean;
  /** Whether it may have stored state that was not published, and has to roll it back. */
  hasUnpublishedState: boolean;
}

export interface Run extends Observations {
  /** Undefined: it failed before there was anything to publish. */
  readonly outcome: Outcome | undefined;
}

/** Delivers events as Lambda does: to an idle function if there is one, otherwise to a cold start. */
export function createFunctions(simulation: Simulation, object: VersionedObject, sink: MetricSink) {
  const { clock: simulatedClock, faults, random } = simulation;
  const warm = new Set<Instance>();
  const tally = { coldStarts: 0, overlaps: 0, lostIntervals: 0 };

  function coldStart(): Instance {
    tally.coldStarts += 1;
    const skew = random.below(2 * SKEW_MS) - SKEW_MS;
    const now = () => simulatedClock.now() + skew;
    const clock = { now, elapsed: now, wait: simulatedClock.wait };
    const store = leasedState({
      object: unreliableObject(object, faults, random),
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
        // What another function prepared and did not publish is lost: the one remaining window.
        if ([...warm].some((other) => other !== instance && other.hasUnpublishedState))
          tally.lostIntervals += 1;
        instance.hasUnpublishedState = false;
        return lease;
      },
      async prepare(...args) {
        if (faults.occurs('crash')) return crash();
        instance.hasUnpublishedState = true;
        await store.prepare(...args);
      },
      async commit(...args) {
        instance.hasUnpublishedState = false;
        // Only the report follows the commit, so a run without a commit is like one that crashed.
        if (faults.occurs('lateCrash')) warm.delete(instance);
        else await store.commit(...args);
      },
      async rollback(...args) {
        await store.rollback(...args);
        instance.hasUnpublishedState = false;
      },
    };
    const instance: Instance = { state, clock, isRunning: false, hasUnpublishedState: false };
    warm.add(instance);
    return instance;
  }

  return {
    tally,
    /** One invocation; the promise never settles if the function crashes. */
    async deliver(tick: number): Promise<Run> {
      const idle = [...warm].filter(({ isRunning }) => !isRunning);
      if (idle.length < warm.size) tally.overlaps += 1;
      const instance =
        idle.find(({ hasUnpublishedState }) => hasUnpublishedState) ?? idle.at(-1) ?? coldStart();
      const observations: Observations = { listed: [], observed: new Map() };
      instance.isRunning = true;
      const collector: Collector = {
        clusterName: 'simulated',
        clusterId: 'simulated',
        cluster: clusterReaderOf(observations, simulation),
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
      if (!instance.hasUnpublishedState && faults.occurs('retired')) warm.delete(instance);
      return { ...observations, outcome };
    },
  };
}

/** A list that failed leaves nothing to report. */
function unlessExpected(error: unknown): undefined {
  if (!(error instanceof CollectorError)) throw error;
}
