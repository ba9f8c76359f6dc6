import { styleText } from 'node:util';
import { CollectorError } from '../lambda/errors.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from './embedded-cluster.ts';
import { chooseFaults } from './fail-pods.ts';
import { loadFunction } from './load-function.ts';
import { realCluster } from './real-cluster.ts';
import { seededRandom } from './simulation/random.ts';
import {
  parseOptions,
  type RealClusterOptions,
  type SimulationOptions,
  USAGE,
  UsageError,
} from './terminal/options.ts';
import { type Subject, showCycles } from './terminal/show-cycles.ts';
import { showDiagnosis } from './terminal/show-diagnosis.ts';
import { widthOf } from './terminal/width.ts';

/** Simulated time between two cycles. */
const CYCLE_MS = 60_000;
/** What a person waits for the next one. */
const PAUSE_MS = 3_000;
/** What a node takes to answer. */
const POD_DELAY_MS = 20;

const { stdout, stderr } = process;

/** `npm start`: the collector, cycle by cycle, on an embedded or a real cluster. @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    stdout.write(USAGE);
    return 0;
  }
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  const log = (line: string) => options.json && stderr.write(line);
  return 'context' in options
    ? onRealCluster(options, log, stopped.signal)
    : onEmbeddedCluster(options, log, stopped.signal);
}

type Log = (line: string) => void;

async function onRealCluster(options: RealClusterOptions, log: Log, stopped: AbortSignal): Promise<number> {
  const cluster = await realCluster(options, log);
  try {
    return await showCycles(cluster, options, stopped);
  } finally {
    cluster.close();
  }
}

async function onEmbeddedCluster(
  options: SimulationOptions,
  log: Log,
  stopped: AbortSignal,
): Promise<number> {
  const { nodes, seed, json } = options;
  const now = Math.floor(Date.now() / CYCLE_MS) * CYCLE_MS;
  const cluster = await startEmbeddedCluster({ nodes, seed, now });
  try {
    if (options.break === undefined)
      return await showCycles(await simulation(cluster, options, log), options, stopped);
    const write = (text: string) => stdout.write(text);
    await showDiagnosis(cluster, options.break, { json, width: widthOf(stdout), write, log });
    return 0;
  } finally {
    await cluster.close();
  }
}

async function simulation(
  cluster: EmbeddedCluster,
  { nodes, seed, fail, once }: SimulationOptions,
  log: Log,
): Promise<Subject> {
  const { fleet, apiServer } = cluster;
  const invoke = await loadFunction(cluster, log);
  const random = seededRandom(seed);
  apiServer.faults.podDelayMs = POD_DELAY_MS;
  let begun = false;
  let answeredBefore = 0;

  return {
    introduction: [
      styleText('bold', `Cluster "${CLUSTER_NAME}"`),
      `${nodes} nodes`,
      `seed ${seed}`,
      once ? 'two cycles, a simulated minute apart' : 'a simulated minute every 3 s; Ctrl-C ends',
    ],
    pauseMs: once ? 0 : PAUSE_MS,
    pods: () => fleet.nodes().length,
    answered: () => apiServer.answered() - answeredBefore,
    async cycle() {
      if (begun) fleet.advance(CYCLE_MS);
      begun = true;
      answeredBefore = apiServer.answered();
      const pods = fleet.nodes().map(({ pod }) => pod);
      apiServer.faults.pods.clear();
      for (const [pod, fault] of chooseFaults(pods, fail, random)) apiServer.faults.pods.set(pod, fault);
      return invoke({ scheduledTime: new Date(fleet.now()).toISOString() });
    },
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (error instanceof CollectorError) {
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
