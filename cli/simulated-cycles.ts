import { styleText } from 'node:util';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import type { Report } from '../lambda/collect/report.ts';
import { CYCLE_MESSAGE } from '../lambda/contract.ts';
import { CollectorError } from '../lambda/errors.ts';
import { CLUSTER_NAME, type EmbeddedCluster } from '../local/embedded-cluster.ts';
import { chooseFaults } from '../local/fail-pods.ts';
import { loadFunction } from '../local/load-function.ts';
import type { SimulatedPage } from '../local/page/simulated-page.ts';
import { seededRandom } from '../local/simulation/random.ts';
import { type CycleResult, pause, type Subject } from './terminal/show-cycles.ts';

/** Simulated time between two cycles. */
export const CYCLE_MS = 60_000;
const HOUR_MS = 60 * CYCLE_MS;
/** What a person waits for the next one. */
const PAUSE_MS = 3_000;
/** What a node takes to answer. */
const POD_DELAY_MS = 20;

/** A line of the function's log. */
type LogEntry = Report & { readonly timestamp: string; readonly level: string; readonly message: string };

export interface SimulationOptions {
  /** Two cycles, then the end. */
  readonly once: boolean;
  readonly nodes: number;
  readonly seed: number;
  /** Percent of the pods that cannot be read, others in each cycle. */
  readonly fail: number;
}

/** Simulated before the page shows anything: three hours, and less for clusters whose cycles take long. */
const pastMinutes = (nodes: number): number => Math.min(180, Math.ceil(18_000 / nodes));
/** Before these, an hour between two cycles: the time until a subnet is empty is known after a day. */
const pastHours = (nodes: number): number => (nodes > 100 ? 0 : 24);

/** What is simulated before the page shows anything, milliseconds. */
export const pastMs = (nodes: number): number => pastHours(nodes) * HOUR_MS + pastMinutes(nodes) * CYCLE_MS;

/** The function's cycles on the embedded cluster, each after a simulated minute. */
export async function simulatedCycles(
  cluster: EmbeddedCluster,
  { nodes, seed, fail, once }: SimulationOptions,
  log: (line: string) => void,
  page: SimulatedPage | undefined,
): Promise<Subject> {
  const { fleet, apiServer } = cluster;
  let report: Report | undefined;
  const invoke = await loadFunction(cluster, (line) => {
    log(line);
    // An invocation that fails returns no report, but it logs one.
    const { timestamp, level, message, ...found }: LogEntry = JSON.parse(line);
    if (message === CYCLE_MESSAGE) report = found;
  });
  const random = seededRandom(seed);
  let begun = false;
  let answeredBefore = 0;
  const pastCycles = page ? pastHours(nodes) + pastMinutes(nodes) : 0;
  let pastLeft = pastCycles;

  const pass = () => {
    apiServer.faults.pods.clear();
    if (begun && page) page.scenario.advance();
    else if (begun) fleet.advance(CYCLE_MS);
    begun = true;
    const pods = fleet.nodes().map(({ pod }) => pod);
    for (const [pod, fault] of chooseFaults(pods, fail, random)) apiServer.faults.pods.set(pod, fault);
  };
  const run = async (): Promise<CycleResult> => {
    report = undefined;
    answeredBefore = apiServer.answered();
    try {
      return { report: await invoke({ scheduledTime: new Date(fleet.now()).toISOString() }) };
    } catch (error) {
      if (!(error instanceof CollectorError)) throw error;
      return { report, failure: error };
    }
  };
  const minute = async (): Promise<CycleResult | undefined> => {
    pass();
    page?.playback.tick();
    if (page?.scenario.runs === false) {
      page.runs.add(undefined);
      return undefined;
    }
    const started = SYSTEM_CLOCK.elapsed();
    const result = await run();
    const durationMs = SYSTEM_CLOCK.elapsed() - started;
    page?.runs.add({ report: result.report, failure: result.failure?.message, durationMs });
    return result;
  };
  // Pods answer at once in the past, which nobody watches.
  const past = async () => {
    for (; pastLeft > 0; pastLeft -= 1) {
      await minute();
      if (pastLeft > pastMinutes(nodes)) fleet.advance(HOUR_MS - CYCLE_MS);
    }
    apiServer.faults.podDelayMs = POD_DELAY_MS;
  };

  return {
    introduction: [
      ...(page ? [styleText('bold', page.url)] : []),
      styleText('bold', `Cluster "${CLUSTER_NAME}"`),
      `${nodes} nodes`,
      `seed ${seed}`,
      once ? 'two cycles, a simulated minute apart' : 'a simulated minute every 3 s; Ctrl-C ends',
    ],
    pause: (stopped) => (page ? page.playback.wait(stopped) : pause(once ? 0 : PAUSE_MS, stopped)),
    progress: () =>
      pastLeft > 0
        ? { doing: 'simulating', done: pastCycles - pastLeft, total: pastCycles, unit: 'cycles' }
        : {
            doing: 'reading',
            done: apiServer.answered() - answeredBefore,
            total: fleet.nodes().length,
            unit: 'pods',
          },
    async cycle(stopped) {
      if (!begun) await past();
      while (true) {
        const result = await minute();
        if (result) return result;
        await page?.playback.wait(stopped);
      }
    },
  };
}
