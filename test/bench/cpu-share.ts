import { accessSync, constants, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
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

/** The share that Lambda gives a function of so much memory; undefined where this machine has no means. */
export function lambdaShare(memoryMb: number): CpuShare | undefined {
  const cpus = memoryMb / MB_PER_CPU;
  const quota = Math.round(cpus * PERIOD_US);
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) {
    return cgroup(`cgroup v2, ${cpus.toFixed(2)} CPU`, ['/sys/fs/cgroup'], {
      'cpu.max': `${quota} ${PERIOD_US}`,
      'memory.max': String(memoryMb * 2 ** 20),
    });
  }
  return cgroup(`cgroup v1, ${cpus.toFixed(2)} CPU`, ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/memory'], {
    'cpu.cfs_period_us': String(PERIOD_US),
    'cpu.cfs_quota_us': String(quota),
    'memory.limit_in_bytes': String(memoryMb * 2 ** 20),
  });
}

function cgroup(
  how: string,
  roots: readonly string[],
  settings: Readonly<Record<string, string>>,
): CpuShare | undefined {
  if (!roots.every(isWritable)) return undefined;
  return {
    how,
    limit(pid) {
      const groups = roots.map((root) => join(root, `eks-cni-metrics-bench-${pid}`));
      for (const group of groups) {
        mkdirSync(group);
        for (const [name, value] of Object.entries(settings)) {
          const file = join(group, name);
          if (existsSync(file)) writeFileSync(file, value);
        }
        writeFileSync(join(group, 'cgroup.procs'), String(pid));
      }
      return {
        [Symbol.dispose]() {
          for (const group of groups) rmdirSync(group);
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
