import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Placement } from './rows.ts';

/** Where the figures come from, and where the processes run. */
export interface Machine extends Placement {
  readonly what: string;
}

/** Client and server get a core each where there are two and taskset can pin them. */
export function thisMachine(): Machine {
  const pinned = availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0;
  const what = [
    new Date().toISOString().slice(0, 10),
    `Node ${process.versions.node}`,
    `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    pinned ? 'client and server pinned to a core each' : 'not pinned',
    `load ${loadavg()[0]?.toFixed(1)} at the start`,
  ].join(', ');
  return { what, client: pinned ? '0' : undefined, server: pinned ? '1' : undefined };
}
