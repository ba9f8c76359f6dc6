import { DEFAULT_MEMORY_MB } from '../../infra/function.ts';
import type { CpuShare } from './cpu-share.ts';
import { runClient, type Server, startServer } from './processes.ts';
import type { ClientResult, ClientTask, Run, ServerOptions, ServerUsage } from './protocol.ts';

/** One line of the benchmark; medians of the runs after the first. */
export interface Row {
  readonly pods: number;
  readonly kb: number;
  readonly latencyMs: number;
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
  readonly coldWallMs: number;
  readonly megabytes: number;
  readonly connections: number;
  /** What the server spent on a cycle: where it is near the wall time, the server was the limit. */
  readonly serverCpuMs: number;
  /** One pod after the other, and `@kubernetes/client-node`'s calls; null where they were not tried. */
  readonly serialWallMs: number | null;
  readonly clientNodeWallMs: number | null;
  readonly clientNodeCpuMs: number | null;
}

/** How a row is measured. */
export interface Measurement {
  /** Runs after the first. */
  readonly repeats: number;
  readonly baselines: boolean;
  /** The function's memory setting, which Node's limits follow. */
  readonly memoryMb?: number;
}

/** How the processes are placed. */
export interface Placement {
  /** Cores to pin to; undefined: none. */
  readonly client: string | undefined;
  readonly server: string | undefined;
  readonly share?: CpuShare | undefined;
}

/** The baselines read so many pods; the rest is extrapolated. */
export const BASELINE_PODS: Readonly<Record<Exclude<ClientTask, 'collector'>, number>> = {
  serial: 200,
  'client-node': 1000,
};

/** A run that did not find what the server has. */
export class Incomplete extends Error {}

/** @throws Incomplete where a run does not find what the server has: speed must not come from lost pods */
export async function measureRow(
  options: ServerOptions,
  { repeats, baselines, memoryMb = DEFAULT_MEMORY_MB }: Measurement,
  placement: Placement,
): Promise<Row> {
  await using server = await startServer(options, placement.server);
  const { address } = server;
  const result = await runClient(
    { task: 'collector', server: address, repeats, mostPods: options.pods },
    { core: placement.client, memoryMb, share: placement.share },
  );
  for (const { pods, assigned } of result.runs) {
    const { truth } = address;
    if (pods === truth.live && assigned === truth.assigned) continue;
    throw new Incomplete(
      `read ${pods} pods with ${assigned} addresses, not ${truth.live} with ${truth.assigned}`,
    );
  }
  const usage = await server.usage();
  const serial = baselines ? await measureBaseline('serial', server, options, placement) : null;
  const clientNode = baselines ? await measureBaseline('client-node', server, options, placement) : null;
  return {
    ...cycleOf(options, result, usage),
    serialWallMs: serial?.wallMs ?? null,
    clientNodeWallMs: clientNode?.wallMs ?? null,
    clientNodeCpuMs: clientNode?.cpuMs ?? null,
  };
}

function cycleOf(options: ServerOptions, { importMs, runs, peakRssMb }: ClientResult, usage: ServerUsage) {
  const { pods, kilobytes, latencyMs, http, gzip, deadPercent } = options;
  const [cold, ...warm] = runs;
  const cpuMs = median(warm, ({ cpuMs }) => cpuMs);
  return {
    pods,
    kb: kilobytes,
    latencyMs,
    http,
    gzip,
    deadPercent,
    wallMs: median(warm, ({ wallMs }) => wallMs),
    cpuMs,
    peakRssMb,
    cpuPerPodUs: (1000 * cpuMs) / pods,
    listMs: median(warm, ({ listMs }) => listMs),
    importMs,
    coldWallMs: cold?.wallMs ?? NaN,
    megabytes: usage.bytes / runs.length / 1e6,
    connections: usage.connections,
    serverCpuMs: usage.cpuMs / runs.length,
  };
}

/** One run: what it costs to read some pods, scaled to all of them. */
async function measureBaseline(
  task: Exclude<ClientTask, 'collector'>,
  { address }: Server,
  { pods }: ServerOptions,
  { client }: Placement,
): Promise<{ wallMs: number; cpuMs: number }> {
  const mostPods = Math.min(pods, BASELINE_PODS[task]);
  const { runs } = await runClient({ task, server: address, repeats: 0, mostPods }, { core: client });
  const [run] = runs;
  if (!run || run.pods !== mostPods) throw new Error(`${task} read ${run?.pods} of ${mostPods} pods`);
  const scale = pods / run.pods;
  return { wallMs: run.listMs + (run.wallMs - run.listMs) * scale, cpuMs: run.cpuMs * scale };
}

function median(runs: readonly Run[], value: (run: Run) => number): number {
  const sorted = runs.map(value).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
