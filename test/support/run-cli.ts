import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const run = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of the CLI to its end, as a shell without a terminal sees it.
 * @param env besides PATH
 * @param heard takes the pieces of stderr as they come
 */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  heard: (piece: string) => void = () => {},
): Promise<Ended> {
  const running = run(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env } });
  running.child.stderr?.on('data', heard);
  try {
    return { code: 0, ...(await running) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error) {
      return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
    }
    throw error;
  }
}
