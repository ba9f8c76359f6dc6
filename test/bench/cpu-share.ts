import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Lambda's memory setting buys its share of the CPU.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MB_PER_CPU = 1769;
/** A short period, so that a throttled process does not stand still for long. */
const PERIOD_US = 20_000;

/** A part of the machine for one process. */
export interface CpuShare {
  /** For the output: how the limits are held. */
  readonly how: string;
  /** Puts a process under the limits until it is disposed of, after the process has ended. */
  limit(pid: number): Disposable;
}

/** The share that Lambda gives a function of so much memory. @throws Error where this machine has no means */
export function lambdaShare(memoryMb: number): CpuShare {
  const cpus = memoryMb / MB_PER_CPU;
  const quota = Math.round(cpus * PERIOD_US);
  const bytes = String(memoryMb * 2 ** 20);
  const share = `${cpus.toFixed(2)} CPU`;
  if (hasControllers('/sys/fs/cgroup')) {
    return cgroups(`cgroup v2, ${share}`, {
      '/sys/fs/cgroup': { 'cpu.max': `${quota} ${PERIOD_US}`, 'memory.max': bytes },
    });
  }
  if (['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/memory'].every(isWritable)) {
    return cgroups(`cgroup v1, ${share}`, {
      '/sys/fs/cgroup/cpu': { 'cpu.cfs_period_us': String(PERIOD_US), 'cpu.cfs_quota_us': String(quota) },
      '/sys/fs/cgroup/memory': { 'memory.limit_in_bytes': bytes },
    });
  }
  if (spawnSync('cpulimit', ['--help']).error === undefined) return cpulimit(share, 100 * cpus);
  throw new Error(
    'no means to hold a CPU share: run as root where cgroups are writable, or install cpulimit (Debian: apt-get install cpulimit)',
  );
}

/** Whether groups below the root of cgroup v2 can be given both limits. */
function hasControllers(root: string): boolean {
  if (!isWritable(join(root, 'cgroup.subtree_control'))) return false;
  const enabled = readFileSync(join(root, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
  return enabled.includes('cpu') && enabled.includes('memory');
}

/** @param roots by the folder of a hierarchy: the settings of a new group in it */
function cgroups(how: string, roots: Readonly<Record<string, Readonly<Record<string, string>>>>): CpuShare {
  return {
    how,
    limit(pid) {
      using made = new DisposableStack();
      for (const [root, settings] of Object.entries(roots)) {
        const group = join(root, `eks-cni-metrics-bench-${pid}`);
        mkdirSync(group);
        made.defer(() => rmdirSync(group));
        for (const [name, value] of Object.entries(settings)) writeFileSync(join(group, name), value);
        writeFileSync(join(group, 'cgroup.procs'), String(pid));
      }
      return made.move();
    },
  };
}

/** Stops and continues the process by signals. Its memory has no limit then. */
function cpulimit(share: string, percent: number): CpuShare {
  return {
    how: `cpulimit, ${share}, no limit of memory`,
    limit(pid) {
      const limiter = spawn('cpulimit', ['--lazy', `--pid=${pid}`, `--limit=${Math.round(percent)}`], {
        stdio: 'ignore',
      });
      return {
        [Symbol.dispose]() {
          limiter.kill();
        },
      };
    },
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
