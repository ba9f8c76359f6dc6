import { existsSync } from 'node:fs';
import { CollectorError } from '../../lambda/errors.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';
import { type SimulatedPage, startSimulatedPage } from '../../local/page/simulated-page.ts';
import { NORMAL_RATES, roomFor } from '../../local/scenarios/scenarios.ts';

/** Where Debian and the images of CI have it. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (file) => existsSync(file),
);

export interface RunningPage {
  readonly cluster: EmbeddedCluster;
  readonly page: SimulatedPage;
  /** Lets minutes pass, each with a cycle of the function where the scenario lets it run. */
  live(minutes: number): Promise<void>;
  /** Lets a day pass with a cycle in each hour, after which the time until a subnet is empty is known. */
  liveADay(): Promise<void>;
  close(): Promise<void>;
}

/** An embedded cluster and its page, on a free port; time passes only in `live`. */
export async function runPage(nodes: number, now: number): Promise<RunningPage> {
  const options = { nodes, seed: 1, now, sharedBy: 'embedded', rates: NORMAL_RATES, roomFor: roomFor(nodes) };
  const cluster = await startEmbeddedCluster(options);
  let elapsed = 0;
  const clock = {
    elapsed() {
      elapsed += 100;
      return elapsed;
    },
  };
  const page = await startSimulatedPage(cluster, 0, clock);
  const invoke = await loadFunction(cluster, () => undefined);
  const cycle = async () => {
    try {
      const report = await invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
      return { report, failure: undefined, durationMs: 50 };
    } catch (error) {
      if (!(error instanceof CollectorError)) throw error;
      return { report: undefined, failure: error.message, durationMs: 50 };
    }
  };
  const live = async (minutes: number) => {
    for (let left = minutes; left > 0; left -= 1) {
      page.scenario.advance();
      page.runs.add(page.scenario.runs ? await cycle() : undefined);
    }
  };
  return {
    cluster,
    page,
    live,
    async liveADay() {
      for (let left = 24; left > 0; left -= 1) {
        await live(1);
        cluster.fleet.advance(59 * 60_000);
      }
    },
    async close() {
      await page.close();
      await cluster.close();
    },
  };
}
