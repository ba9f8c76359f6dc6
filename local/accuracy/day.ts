import { memoryObject } from '../../lambda/adapters/state/memory-object.ts';
import type { MetricSink } from '../../lambda/collect/ports.ts';
import { COUNTERS } from '../../lambda/domain/catalog.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { createFleet, type Fleet } from '../simulation/fleet.ts';
import { seededRandom } from '../simulation/random.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createCniMetricsHelper, HELPER_COUNTERS } from './cni-metrics-helper.ts';
import { createExpectedCounts, publishedIn, TOTAL_NAMES } from './expected-counts.ts';
import { createFaultSource } from './faults.ts';
import { createFunctions, type Run } from './functions.ts';

interface DayOptions {
  readonly cycles: number;
  readonly nodes: number;
  readonly seed: number;
}

/** One counter at the end of the day. */
interface Row {
  readonly name: string;
  /** Events up to the last reading of each process that a cycle has counted. */
  readonly events: number;
  readonly published: number;
  /** Events after it, which no reading contains. */
  readonly unseen: number;
  /** published - events */
  readonly error: number;
  /** The same of AWS's helper; null: it does not publish this counter. */
  readonly helperError: number | null;
}

export interface Day {
  readonly counters: readonly Row[];
  /** How often each kind of event and fault occurred. */
  readonly happened: Readonly<Record<string, number>>;
}

const PERIOD_MS = 60_000;
/** Deliveries are late by less than this many milliseconds; a second delivery by up to twice as much. */
const LATE_MS = 45_000;

/**
 * The collector on a simulated cluster with every fault but one: a function that ends while it publishes. It is
 * deterministic. collect(), the logic of the state store and the decoder are the real ones; only the network is
 * missing.
 */
export async function simulateDay({ cycles, nodes, seed }: DayOptions): Promise<Day> {
  const start = Date.UTC(2026, 0, 1);
  const random = seededRandom(seed + 1);
  const simulation = {
    fleet: createFleet({ nodes, seed, now: start }),
    clock: createVirtualClock(start),
    faults: createFaultSource(random),
    random,
  };
  const { fleet, clock, faults } = simulation;
  const published = TOTAL_NAMES.map(() => 0);
  const helperPublished = COUNTERS.map(() => 0);
  const expected = createExpectedCounts();
  const helper = createCniMetricsHelper();
  const polled = new Set<number>();
  const tally = { counted: 0, withheld: 0, skipped: 0 };
  const before = new Set(fleet.nodes().map(({ pod }) => pod));

  const sink: MetricSink = {
    name: 'record',
    async publish(metrics) {
      if (faults.occurs('failedPublish')) throw new CollectorError('publish-failed', 'the request failed');
      addTo(published, publishedIn(metrics));
      return { datums: metrics.length, requests: 1 };
    },
  };
  const functions = createFunctions(simulation, memoryObject('state'), sink);

  const evaluate = (tick: number, { outcome, listed, observed }: Run) => {
    const isPublished = Boolean(outcome?.report.published);
    const warnings = new Set<string>(outcome?.report.warnings.map(({ code }) => code));
    if (warnings.has('tick-published')) tally.skipped += 1;
    else if (warnings.has('counters-withheld')) tally.withheld += 1;
    else if (isPublished && observed.size > 0) {
      tally.counted += 1;
      expected.record(tick, listed, observed);
    }
    // The helper polls once a period. It reads what the collector read, and loses what it cannot publish.
    if (observed.size === 0 || polled.has(tick)) return;
    polled.add(tick);
    const answers = listed.flatMap((pod) => observed.get(pod) ?? []);
    const values = helper.poll(answers.map(({ totals }) => totals));
    if (isPublished) addTo(helperPublished, values);
  };
  const deliver = (tick: number, time: number) =>
    clock.at(time, async () => evaluate(tick, await functions.deliver(tick)));
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const tick = start + cycle * PERIOD_MS;
    if (faults.occurs('dropped')) continue;
    deliver(tick, tick + random.below(LATE_MS));
    if (faults.occurs('duplicated')) deliver(tick, tick + random.below(2 * LATE_MS));
  }
  await clock.run();

  const { events, unseen } = expected.result(fleet.incarnations());
  const at = (values: readonly number[], position: number) => values[position] ?? 0;
  return {
    counters: TOTAL_NAMES.map((name, position) => ({
      name,
      events: at(events, position),
      published: at(published, position),
      unseen: at(unseen, position),
      error: at(published, position) - at(events, position),
      helperError: HELPER_COUNTERS.includes(position)
        ? at(helperPublished, position) - at(events, position)
        : null,
    })),
    happened: { ...movements(fleet, before), ...tally, ...functions.tally, ...faults.counts },
  };
}

/** Adds in place; undefined values were not published. */
function addTo(sums: number[], values: readonly (number | undefined)[]): void {
  values.forEach((value = 0, position) => {
    sums[position] = (sums[position] ?? 0) + value;
  });
}

function movements(fleet: Fleet, before: ReadonlySet<string>): Record<string, number> {
  const ever = new Set(fleet.incarnations().map(({ pod }) => pod));
  return {
    nodesJoined: [...ever].filter((pod) => !before.has(pod)).length,
    nodesLeft: [...ever].filter((pod) => !fleet.find(pod)).length,
    ipamdRestarts: fleet.incarnations().length - ever.size,
  };
}
