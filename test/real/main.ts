import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/documents.ts';
import { endSignal } from './end-signal.ts';
import { inNamespace, whyNoNamespace } from './namespace.ts';
import { CannotBuild } from './parts/build.ts';
import { findParts } from './parts/find.ts';
import { findMoto } from './parts/moto.ts';
import { MOTO_VARIABLE, PARTS_VARIABLE } from './variable.ts';

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/**
 * Runs the scenarios on a real control plane and on emulated AWS services: all of them, or those whose file names
 * contain an argument. Where this machine lacks something, those that need it are skipped and one line says why.
 * With --prepare it only builds the parts.
 */
async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const moto = await unlessSkipped('on emulated AWS services', signal, () => findMoto(say, signal));
  const parts = await unlessSkipped('on a real control plane', signal, async () => {
    const obstacle = await whyNoNamespace();
    if (obstacle !== undefined) throw new CannotBuild(obstacle);
    return findParts(say, signal);
  });
  if (args[0] === '--prepare') {
    for (const [name, file] of Object.entries({ ...parts, ...(moto && { moto }) }))
      console.log(`${name} ${file}`);
    return;
  }
  const command = [process.execPath, VITEST, 'run', '--config', 'test/real/vitest.config.ts', ...args];
  const [file = '', ...rest] = parts ? inNamespace(command) : command;
  // Every temporary folder lies in this one, so that nothing is left after a crash either.
  const work = mkdtempSync(join(tmpdir(), 'real-'));
  const child = spawn(file, rest, {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      TMPDIR: work,
      ...(parts && { [PARTS_VARIABLE]: JSON.stringify(parts) }),
      ...(moto && { [MOTO_VARIABLE]: moto }),
    },
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  rmSync(work, { recursive: true, force: true });
  process.exitCode = code ?? 1;
}

const say = (line: string) => console.error(line);

async function unlessSkipped<T>(
  where: string,
  signal: AbortSignal,
  prepare: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await prepare();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CannotBuild)) throw error;
    say(`The scenarios ${where} are skipped: ${error.message}`);
    return undefined;
  }
}

await main(process.argv.slice(2), endSignal());
