import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endSignal } from './end-signal.ts';
import { inNamespace, whyNoNamespace } from './namespace.ts';
import { CannotBuild } from './parts/build.ts';
import { findParts, type PartFiles } from './parts/find.ts';
import { PARTS_VARIABLE } from './variable.ts';

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/**
 * Runs the scenarios on a real control plane: all of them, or those whose file names contain an argument. Where
 * this machine lacks something, they are skipped and one line says why. With --prepare it only builds the parts.
 */
async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const parts = await prepare(signal);
  if (args[0] === '--prepare') {
    for (const [name, file] of Object.entries(parts ?? {})) console.log(`${name} ${file}`);
    return;
  }
  const command = [process.execPath, VITEST, 'run', '--config', 'test/real/vitest.config.ts', ...args];
  const [file = '', ...rest] = parts ? inNamespace(command) : command;
  // Every temporary folder lies in this one, so that nothing is left after a crash either.
  const work = mkdtempSync(join(tmpdir(), 'real-'));
  const child = spawn(file, rest, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: work, ...(parts && { [PARTS_VARIABLE]: JSON.stringify(parts) }) },
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  rmSync(work, { recursive: true, force: true });
  process.exitCode = code ?? 1;
}

async function prepare(signal: AbortSignal): Promise<PartFiles | undefined> {
  const obstacle = await whyNoNamespace();
  if (obstacle !== undefined) return skip(obstacle);
  try {
    return await findParts((line) => console.error(line), signal);
  } catch (error) {
    if (error instanceof CannotBuild) return skip(error.message);
    throw error;
  }
}

function skip(reason: string): undefined {
  console.error(`The scenarios on a real control plane are skipped: ${reason}`);
}

await main(process.argv.slice(2), endSignal());
