import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotBuild } from './build.ts';
import { cached, hashOf, isExecutable } from './cache.ts';

const run = promisify(execFile);

const REQUIREMENTS = join(import.meta.dirname, 'moto', 'requirements.txt');

/**
 * Finds a Python that has moto, in a virtual environment in the cache, and installs it where it is missing: 140 MB
 * from the Python package index.
 * @param say takes a line where it is installed
 * @param signal ends the installation
 * @returns the interpreter
 * @throws CannotBuild where this machine cannot install it
 */
export async function findMoto(say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const folder = cached('moto', await hashOf(REQUIREMENTS));
  const python = join(folder, 'bin', 'python');
  if (await isExecutable(python)) return python;
  const work = `${folder}.${process.pid}`;
  const step = (why: string, file: string, ...args: string[]) =>
    run(file, args, { signal }).catch((cause: unknown) => {
      throw new CannotBuild(why, { cause });
    });
  say('Installing moto');
  try {
    await mkdir(dirname(folder), { recursive: true });
    await step(
      'Python 3 with venv is needed to install moto; on Debian: apt-get install -y python3-venv',
      ...['python3', '-m', 'venv', work],
    );
    await step(
      `pip cannot install ${REQUIREMENTS}`,
      ...[join(work, 'bin', 'python'), '-m', 'pip', 'install', '--no-deps', '--requirement', REQUIREMENTS],
    );
    // What is left of an interpreter that is gone; nothing in the environment depends on the name of its folder.
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return python;
}
