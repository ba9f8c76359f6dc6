import { claimedReadings, type VersionedObject } from '../../lambda/adapters/state/leased-state.ts';
import { type Collector, collect, type Outcome } from '../../lambda/collect/collect.ts';
import type { MetricSink, ReadingsStore } from '../../lambda/collect/ports.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { clusterSeenBy, type Witness, type World } from './cluster.ts';
import { troubledObject } from './troubles.ts';

/** How many milliseconds a run may take: twice the period of its schedule. */
const TIMEOUT_MS = 120_000;
/** Clocks of functions are off by this much at the most, either way, milliseconds. */
const SKEW_MS = 60_000;

/** A warm function: what stays in memory between its runs. */
interface Instance {
  readonly readings: ReadingsStore;
  readonly now: () => number;
  isRunning: boolean;
  /** Whether it has published readings in memory that are not known to be stored. */
  owes: boolean;
}

export interface Run extends Witness {
  /** Undefined: it failed before there was anything to publish. */
  readonly outcome: Outcome | undefined;
}

/** What Lambda does with deliveries: an idle function if there is one, else a cold start. */
export function createFunctions(world: World, object: VersionedObject, sink: MetricSink) {
  const { timeline, fate, random } = world;
  const warm = new Set<Instance>();
  const tally = { coldStarts: 0, overlaps: 0, doublePublishing: 0 };

  function coldStart(): Instance {
    tally.coldStarts += 1;
    const skew = random.below(2 * SKEW_MS) - SKEW_MS;
    const now = () => timeline.now() + skew;
    const store = claimedReadings({
      object: troubledObject(object, fate, random),
      cluster: 'simulated',
      owner: `function-${tally.coldStarts}`,
      clock: { now, elapsed: now },
    });
    const readings: ReadingsStore = {
      read: store.read,
      async claim(...args) {
        const claim = await store.claim(...args);
        if (claim.outcome !== 'granted') return claim;
        // What another one has published and not stored will be published once more: the one window there is.
        if ([...warm].some((other) => other !== instance && other.owes)) tally.doublePublishing += 1;
        instance.owes = false;
        return claim;
      },
      async commit(...args) {
        instance.owes = true;
        await store.commit(...args);
        instance.owes = false;
      },
    };
    const instance: Instance = { readings, now, isRunning: false, owes: false };
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
      const endsAt = timeline.now() + TIMEOUT_MS;
      instance.isRunning = true;
      const publish: MetricSink['publish'] = (...args) => {
        if (instance.owes || !fate.happens('crash')) return sink.publish(...args);
        warm.delete(instance);
        return new Promise(() => {});
      };
      const collector: Collector = {
        cluster: 'simulated',
        clusterId: 'simulated',
        api: clusterSeenBy(witness, world),
        readings: instance.readings,
        sink: { ...sink, publish },
        subnets: undefined,
        scrape: { timeoutMs: 5_000, concurrency: 50 },
        clock: { now: instance.now, elapsed: instance.now },
        wait: timeline.wait,
        notices: [],
      };
      const remainingMs = () => endsAt - timeline.now();
      const outcome = await collect(collector, { time: tick, dryRun: false, remainingMs }).catch(
        unlessExpected,
      );
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
