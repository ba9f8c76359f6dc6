import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Report } from '../lambda/report.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from './embedded-cluster.ts';
import { chooseFaults } from './fail-pods.ts';
import { loadFunction } from './load-function.ts';
import { showBroken } from './show-broken.ts';
import { seededRandom } from './simulation/random.ts';
import { type Options, parseOptions, USAGE, UsageError } from './terminal/options.ts';
import { showProgress } from './terminal/progress.ts';
import { renderCycle } from './terminal/screen.ts';

/** Simulated time between two cycles. */
const CYCLE_MS = 60_000;
/** What a person waits for the next one. */
const PAUSE_MS = 3_000;
/** What a node takes to answer. */
const POD_DELAY_MS = 20;

/** Where no terminal says how wide it is. */
const PIPE_COLUMNS = 120;

const { stdout, stderr } = process;
const widthOf = () => stdout.columns ?? PIPE_COLUMNS;

/** `npm start`: the function, cycle by cycle, on an embedded cluster. @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    stdout.write(USAGE);
    return 0;
  }
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  const now = Math.floor(Date.now() / CYCLE_MS) * CYCLE_MS;
  const cluster = await startEmbeddedCluster({ nodes: options.nodes, seed: options.seed, now });
  try {
    if (options.break === undefined) return await runCycles(cluster, options, stopped.signal);
    const write = (text: string) => stdout.write(text);
    const log = (line: string) => options.json && stderr.write(line);
    await showBroken(cluster, options.break, { json: options.json, width: widthOf(), write, log });
    return 0;
  } finally {
    await cluster.close();
  }
}

async function runCycles(cluster: EmbeddedCluster, options: Options, stopped: AbortSignal): Promise<number> {
  const { fleet, apiServer } = cluster;
  const invoke = await loadFunction(cluster, (line) => options.json && stderr.write(line));
  const random = seededRandom(options.seed);
  apiServer.faults.podDelayMs = POD_DELAY_MS;
  let before: Report | undefined;
  let failed = false;
  if (!options.json) stdout.write(`${introduction(options)}\n\n`);

  for (let cycle = 1; !stopped.aborted; cycle += 1) {
    const pods = fleet.nodes().map(({ pod }) => pod);
    apiServer.faults.pods.clear();
    for (const [pod, fault] of chooseFaults(pods, options.fail, random))
      apiServer.faults.pods.set(pod, fault);
    const answered = apiServer.answered();
    const progress = showProgress(stderr, () => apiServer.answered() - answered, pods.length);
    try {
      const report = await invoke({ scheduledTime: new Date(fleet.now()).toISOString() });
      progress.end();
      failed = false;
      if (!options.json) stdout.write(`${renderCycle({ report, before, cycle, width: widthOf() })}\n`);
      before = report;
    } catch (error) {
      progress.end();
      failed = true;
      stderr.write(
        `${styleText('red', `Cycle ${cycle} failed:`, { stream: stderr })} ${messageOf(error)}\n\n`,
      );
    }
    if (options.once && cycle === 2) break;
    if (!options.once) await setTimeout(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
    fleet.advance(CYCLE_MS);
  }
  if (options.json && before) stdout.write(`${JSON.stringify(before, undefined, 2)}\n`);
  return failed ? 1 : 0;
}

function introduction({ nodes, seed, once }: Options): string {
  return [
    styleText('bold', `Cluster "${CLUSTER_NAME}"`),
    `${nodes} nodes`,
    `seed ${seed}`,
    once ? 'two cycles, a simulated minute apart' : 'a simulated minute every 3 s; Ctrl-C ends',
  ].join(styleText('dim', '  ·  '));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
