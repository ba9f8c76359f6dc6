import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import { CLUSTER_NAME, startEmbeddedCluster } from '../local/embedded-cluster.ts';
import { FAULTS, type FaultName } from '../local/fault-injection/faults.ts';
import type { SimulatedPage } from '../local/page/simulated-page.ts';
import { NORMAL_RATES, roomFor } from '../local/scenarios/scenarios.ts';
import type { Command } from './command.ts';
import { parseOptions, UsageError, wholeNumber } from './command-line.ts';
import { CYCLE_MS, pastMs, type SimulationOptions, simulatedCycles } from './simulated-cycles.ts';
import { showCycles } from './terminal/show-cycles.ts';
import { showFault } from './terminal/show-fault.ts';
import { widthOf } from './terminal/width.ts';

interface DemoOptions extends SimulationOptions {
  readonly json: boolean;
  /** The function reads the nodes directly, not through the API server. */
  readonly direct: boolean;
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
    const past = port === undefined ? 0 : pastMs(nodes);
    const now = Math.floor(SYSTEM_CLOCK.now() / CYCLE_MS) * CYCLE_MS - past;
    const cluster = await startEmbeddedCluster({
      nodes,
      seed,
      now,
      direct,
      sharedBy: CLUSTER_NAME,
      ...(port !== undefined && { rates: NORMAL_RATES, roomFor: roomFor(nodes) }),
    });
    let page: SimulatedPage | undefined;
    try {
      if (port !== undefined) {
        const { startSimulatedPage } = await import('../local/page/simulated-page.ts');
        page = await startSimulatedPage(cluster, port, SYSTEM_CLOCK);
      }
      if (options.break === undefined)
        return await showCycles(await simulatedCycles(cluster, options, log, page), options);
      const write = (text: string) => process.stdout.write(text);
      await showFault(cluster, options.break, { json, width: widthOf(process.stdout), write, log });
      return 0;
    } finally {
      await page?.close();
      await cluster.close();
    }
  },
};

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
