import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS } from '../../infra/function.ts';
import type { CpuShare } from './cpu-share.ts';
import { median } from './median.ts';
import { BUNDLE_DIR, runClient, startServer } from './processes.ts';
import type { ServerOptions } from './protocol.ts';

/** Medians, milliseconds. */
export interface ColdStart {
  readonly what: string;
  readonly importMs: number;
  readonly firstCycleMs: number;
}

const ROUNDS = 15;

/**
 * Import and first cycle of the function of this checkout and of another built one, in turn.
 * @param other the folder of its index.mjs
 * @param share what each process may use of the machine
 */
export async function measureColdStarts(
  other: string,
  options: ServerOptions,
  share: CpuShare,
): Promise<readonly ColdStart[]> {
  await using server = await startServer(options, undefined);
  const builds = [
    { what: 'this build', folder: BUNDLE_DIR },
    { what: other, folder: other },
  ].map((build) => ({ ...build, importMs: [] as number[], firstCycleMs: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { folder, importMs, firstCycleMs }] of builds.entries()) {
      const result = await runClient(
        {
          task: 'collector',
          server: server.address,
          bundle: folder,
          // Each has the state of the one before.
          minute: round * builds.length + index,
          timeoutMs: 1_000 * DEFAULT_TIMEOUT_SECONDS,
          repeats: 0,
          mostPods: options.pods,
        },
        { core: undefined, memoryMb: DEFAULT_MEMORY_MB, share },
      );
      const [first] = result.runs;
      if (first?.pods !== options.pods)
        throw new Error(`${folder} read ${first?.pods} of ${options.pods} pods`);
      importMs.push(result.importMs);
      firstCycleMs.push(first.wallMs);
    }
  }
  return builds.map(({ what, importMs, firstCycleMs }) => ({
    what,
    importMs: median(importMs),
    firstCycleMs: median(firstCycleMs),
  }));
}
