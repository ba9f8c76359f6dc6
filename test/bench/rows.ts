import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS } from '../../infra/function.ts';
import type { CpuShare } from './cpu-share.ts';
import { median } from './median.ts';
import { BUNDLE_DIR, runClient, type Server, startServer } from './processes.ts';
import {
  BASELINES,
  type Baseline,
  type ClientResult,
  type ServerOptions,
  type ServerUsage,
} from './protocol.ts';

/** One line of the benchmark; medians of the runs after the first. */
export interface Row {
  readonly pods: number;
  readonly kb: number;
  readonly latencyMs: number;
  readonly via: ServerOptions['via'];
  readonly http: ServerOptions['http'];
  readonly gzip: boolean;
  readonly deadPercent: number;
  /** A whole cycle, from the invocation to its answer. */
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakRssMb: number;
  readonly cpuPerPodUs: number;
  readonly listMs: number;
  /** A cold start: the import of the bundle, and then the first cycle with its connections and compilation. */
  readonly importMs: number;
  /** There is no state yet. */
  readonly coldWallMs: number;
  /** The state of the cycles before is there. */
  readonly coldWithStateMs: number;
  readonly megabytes: number;
  readonly connections: number;
  /** What the server spent on a cycle: where it is near the wall time, the server was the limit. */
  readonly serverCpuMs: number;
  /** The baselines on the same server; null where they were not tried. */
  readonly baselines: Readonly<Record<Baseline, Cost>> | null;
}

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** How a row is measured. */
export interface Measurement {
  /** Runs after the first. */
  readonly repeats: number;
  readonly baselines: boolean;
  /** The function's memory setting, which Node's limits follow. */
  readonly memoryMb?: number;
  /** The time that Lambda gives a cycle. */
  readonly timeoutMs?: number;
}

/** How the processes are placed. */
export interface Placement {
  /** Cores to pin to; undefined: none. */
  readonly client: string | undefined;
  readonly server: string | undefined;
  readonly share?: CpuShare | undefined;
}

/** The baselines read so many pods at the most; the rest is extrapolated. */
export const BASELINE_PODS: Readonly<Record<Baseline, number>> = {
  serial: 200,
  'client-node': 1000,
  undici: Number.POSITIVE_INFINITY,
};

/** A run that did not find what the server has. */
export class Incomplete extends Error {}

/** @throws Incomplete where a run does not find what the server has: speed must not come from lost pods */
export async function measureRow(
  options: ServerOptions,
  {
    repeats,
    baselines,
    memoryMb = DEFAULT_MEMORY_MB,
    timeoutMs = 1000 * DEFAULT_TIMEOUT_SECONDS,
  }: Measurement,
  placement: Placement,
): Promise<Row> {
  await using server = await startServer(options, placement.server);
  const { address } = server;
  const run = (minute: number, repeats: number) =>
    runClient(
      {
        task: 'collector',
        server: address,
        bundle: BUNDLE_DIR,
        minute,
        timeoutMs,
        repeats,
        mostPods: options.pods,
      },
      { core: placement.client, memoryMb, share: placement.share },
    );
  const result = await run(0, repeats);
  const usage = await server.usage();
  const next = await run(30, 0);
  for (const { pods, assigned } of [...result.runs, ...next.runs]) {
    const { expected } = address;
    if (pods === expected.live && assigned === expected.assigned) continue;
    throw new Incomplete(
      `read ${pods} pods with ${assigned} addresses, not ${expected.live} with ${expected.assigned}`,
    );
  }
  return {
    ...cycleOf(options, result, usage),
    coldWithStateMs: next.runs[0]?.wallMs ?? NaN,
    baselines: baselines ? await measureBaselines(server, options, placement) : null,
  };
}

async function measureBaselines(
  server: Server,
  options: ServerOptions,
  placement: Placement,
): Promise<Readonly<Record<Baseline, Cost>>> {
  const costs: [Baseline, Cost][] = [];
  for (const baseline of BASELINES)
    costs.push([baseline, await measureBaseline(baseline, server, options, placement)]);
  return Object.fromEntries(costs) as Record<Baseline, Cost>;
}

function cycleOf(options: ServerOptions, { importMs, runs, peakRssMb }: ClientResult, usage: ServerUsage) {
  const { pods, kilobytes, latencyMs, via, http, gzip, deadPercent } = options;
  const [cold, ...warm] = runs;
  const cpuMs = median(warm.map(({ cpuMs }) => cpuMs));
  return {
    pods,
    kb: kilobytes,
    latencyMs,
    via,
    http,
    gzip,
    deadPercent,
    wallMs: median(warm.map(({ wallMs }) => wallMs)),
    cpuMs,
    peakRssMb,
    cpuPerPodUs: (1000 * cpuMs) / pods,
    listMs: median(warm.map(({ listMs }) => listMs)),
    importMs,
    coldWallMs: cold?.wallMs ?? NaN,
    megabytes: usage.bytes / runs.length / 1e6,
    connections: usage.connections,
    serverCpuMs: usage.cpuMs / runs.length,
  };
}

/** What it costs, warm, to read some pods, scaled to all of them. */
async function measureBaseline(
  task: Baseline,
  { address }: Server,
  { pods }: ServerOptions,
  { client }: Placement,
): Promise<Cost> {
  const mostPods = Math.min(pods, BASELINE_PODS[task]);
  const { runs } = await runClient(
    { task, server: address, bundle: BUNDLE_DIR, minute: 0, timeoutMs: 0, repeats: 1, mostPods },
    { core: client },
  );
  const run = runs.at(-1);
  if (!run || run.pods !== mostPods) throw new Error(`${task} read ${run?.pods} of ${mostPods} pods`);
  const scale = pods / run.pods;
  return { wallMs: run.listMs + (run.wallMs - run.listMs) * scale, cpuMs: run.cpuMs * scale };
}
