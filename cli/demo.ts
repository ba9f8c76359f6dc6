import { styleText } from 'node:util';
import type { Report } from '../lambda/collect/report.ts';
import { CYCLE_MESSAGE } from '../lambda/contract.ts';
import { CollectorError } from '../lambda/errors.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from '../local/embedded-cluster.ts';
import { chooseFaults } from '../local/fail-pods.ts';
import { FAULTS, type FaultName } from '../local/fault-injection/faults.ts';
import { loadFunction } from '../local/load-function.ts';
import type { SimulatedPage } from '../local/page/simulated-page.ts';
import { roomFor, USUAL } from '../local/scenarios/scenarios.ts';
import { seededRandom } from '../local/simulation/random.ts';
import type { Command } from './command.ts';
import { parseOptions, UsageError, wholeNumber } from './command-line.ts';
import { type CycleResult, pause, type Subject, showCycles } from './terminal/show-cycles.ts';
import { showFault } from './terminal/show-fault.ts';
import { widthOf } from './terminal/width.ts';

/** Simulated time between two cycles. */
const CYCLE_MS = 60_000;
const HOUR_MS = 60 * CYCLE_MS;
/** What a person waits for the next one. */
const PAUSE_MS = 3_000;
/** What a node takes to answer. */
const POD_DELAY_MS = 20;

interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly nodes: number;
  readonly seed: number;
  /** The function reads the nodes directly, not through the API server. */
  readonly direct: boolean;
  /** Percent of the pods that cannot be read, others in each cycle. */
  readonly fail: number;
  /** No cycles: this fault is injected, and the function diagnoses it. */
  readonly break?: FaultName;
  /** The first port tried for the page; undefined: no page. */
  readonly port: number | undefined;
}

/** `demo`: the Lambda function on an embedded cluster. */
export const DEMO: Command = {
  usage: {
    synopsis: 'eks-cni-metrics demo [options]',
    about:
      'Runs the Lambda function against an EKS cluster that is simulated in this process: a simulated minute every 3 seconds, until Ctrl-C. It needs no AWS account and no network.',
    tables: [
      {
        title: 'options',
        rows: [
          ['--once', 'two cycles, then the end'],
          ['--json', 'the last report, or why the cycle failed, as JSON on stdout; logs on stderr'],
          ['--nodes N', '1 to 10000 (default 25)'],
          ['--seed N', 'another simulated cluster (default 1)'],
          ['--fail PERCENT', 'pods that cannot be read, 0 to 100 (default 0)'],
          ['--direct', 'read the nodes directly (SCRAPE_VIA=node); needs Linux'],
          ['--port N', 'of the page, or the next free one (default 8080)'],
          ['--no-page', 'serve no page'],
          ['--break LINK', 'break one link of the path and let the function diagnose it'],
        ],
      },
      {
        title: 'links',
        rows: Object.entries(FAULTS).map(([name, { description }]) => [name, description] as const),
      },
    ],
  },
  async run(args) {
    const options = demoOptions(args);
    const { nodes, seed, json, direct, port } = options;
    const log = (line: string) => json && process.stderr.write(line);
    const past = port === undefined ? 0 : pastHours(nodes) * HOUR_MS + pastMinutes(nodes) * CYCLE_MS;
    const now = Math.floor(Date.now() / CYCLE_MS) * CYCLE_MS - past;
    const cluster = await startEmbeddedCluster({
      nodes,
      seed,
      now,
      direct,
      sharedBy: CLUSTER_NAME,
      ...(port !== undefined && { rates: USUAL, roomFor: roomFor(nodes) }),
    });
    let page: SimulatedPage | undefined;
    try {
      if (port !== undefined) {
        const { startSimulatedPage } = await import('../local/page/simulated-page.ts');
        page = await startSimulatedPage(cluster, port);
      }
      if (options.break === undefined)
        return await showCycles(await simulation(cluster, options, log, page), options);
      const write = (text: string) => process.stdout.write(text);
      await showFault(cluster, options.break, { json, width: widthOf(process.stdout), write, log });
      return 0;
    } finally {
      await page?.close();
      await cluster.close();
    }
  },
};

/** Simulated before the page shows anything: three hours, and less for clusters whose cycles take long. */
const pastMinutes = (nodes: number): number => Math.min(180, Math.ceil(18_000 / nodes));
/** Before these, an hour between two cycles: the time until a subnet is empty is known after a day. */
const pastHours = (nodes: number): number => (nodes > 100 ? 0 : 24);

/** @throws UsageError */
export function demoOptions(args: readonly string[]): DemoOptions {
  const {
    once,
    json,
    nodes,
    seed,
    fail,
    direct,
    break: link,
    port,
    'no-page': noPage,
  } = parseOptions(args, {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    fail: { type: 'string', default: '0' },
    direct: { type: 'boolean', default: false },
    break: { type: 'string' },
    port: { type: 'string', default: '8080' },
    'no-page': { type: 'boolean', default: false },
  });
  const firstPort = wholeNumber('--port', port, 0, 65_535);
  const hasPage = !(once || json || noPage || link !== undefined);
  return {
    once,
    json,
    nodes: wholeNumber('--nodes', nodes, 1, 10_000),
    seed: wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    fail: wholeNumber('--fail', fail, 0, 100),
    direct,
    port: hasPage ? firstPort : undefined,
    ...(link !== undefined && { break: faultNamed(link) }),
  };
}

function faultNamed(text: string): FaultName {
  if (isFault(text)) return text;
  throw new UsageError(`--break takes one of the links that --help lists, not '${text}'`);
}

const isFault = (text: string): text is FaultName => Object.hasOwn(FAULTS, text);

async function simulation(
  cluster: EmbeddedCluster,
  { nodes, seed, fail, once }: DemoOptions,
  log: (line: string) => void,
  page: SimulatedPage | undefined,
): Promise<Subject> {
  const { fleet, apiServer } = cluster;
  let report: Report | undefined;
  const invoke = await loadFunction(cluster, (line) => {
    log(line);
    // An invocation that fails returns no report, but it logs one.
    const entry: Report & { readonly message: string } = JSON.parse(line);
    if (entry.message === CYCLE_MESSAGE) report = entry;
  });
  const random = seededRandom(seed);
  let begun = false;
  let answeredBefore = 0;

  const pass = () => {
    apiServer.faults.pods.clear();
    if (begun && page) page.life.advance();
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
    if (page?.life.runs === false) {
      page.runs.add(undefined);
      return undefined;
    }
    const started = performance.now();
    const result = await run();
    const durationMs = performance.now() - started;
    page?.runs.add({ report: result.report, failure: result.failure?.message, durationMs });
    return result;
  };
  // Pods answer at once in the past, which nobody watches.
  const past = async () => {
    for (let left = page ? pastHours(nodes) : 0; left > 0; left -= 1) {
      await minute();
      fleet.advance(HOUR_MS - CYCLE_MS);
    }
    for (let left = page ? pastMinutes(nodes) : 0; left > 0; left -= 1) await minute();
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
    pods: () => fleet.nodes().length,
    answered: () => apiServer.answered() - answeredBefore,
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
