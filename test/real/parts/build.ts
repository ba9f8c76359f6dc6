import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Part } from './parts.ts';
import { GO_VERSION } from './versions.ts';

const run = promisify(execFile);

/** A machine that cannot build the parts; its message is one line. */
export class CannotBuild extends Error {
  override readonly name = 'CannotBuild';
}

const ENVIRONMENT = {
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod -trimpath -buildvcs=false',
  GOWORK: 'off',
};

/** @throws CannotBuild where Go is missing or too old */
export async function checkGo(): Promise<void> {
  const { stdout } = await run('go', ['env', 'GOVERSION']).catch(() => ({ stdout: 'none' }));
  const found = /^go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (found === undefined || isOlder(found, GO_VERSION))
    throw new CannotBuild(`Go ${GO_VERSION} or newer is needed to build them; found: ${found ?? 'none'}`);
}

/**
 * Builds a part and moves it to `file` when it is complete, so that a file that exists is whole.
 * @param signal ends the build
 * @throws CannotBuild where the module proxy does not serve the part's module
 */
export async function build(part: Part, file: string, signal: AbortSignal): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'real-parts-'));
  const copy = `${file}.${process.pid}`;
  try {
    const go = (...args: string[]) => run('go', args, { cwd: work, env: ENVIRONMENT, signal });
    const goMod = await readFile(await downloadGoMod(part, go), 'utf8');
    await writeFile(join(work, 'go.mod'), moduleOf(part, goMod));
    if (part.source !== undefined) await copyFile(part.source, join(work, 'main.go'));
    await go('build', '-ldflags', `-s -w ${part.flags ?? ''}`, '-o', 'program', part.package ?? '.');
    await mkdir(dirname(file), { recursive: true });
    // The temporary folder may be on another file system, from where nothing can be renamed.
    await copyFile(join(work, 'program'), copy);
    await rename(copy, file);
  } finally {
    await rm(copy, { force: true });
    await rm(work, { recursive: true, force: true });
  }
}

type Go = (...args: string[]) => Promise<{ readonly stdout: string }>;

async function downloadGoMod({ module, version }: Part, go: Go): Promise<string> {
  try {
    return JSON.parse((await go('mod', 'download', '-json', `${module}@${version}`)).stdout).GoMod;
  } catch (error) {
    throw new CannotBuild(`the Go module proxy does not serve ${module}@${version}`, { cause: error });
  }
}

/** A main module that depends on the part's. */
function moduleOf({ module, version, replaces }: Part, goMod: string): string {
  const language = /^go .*$/m.exec(goMod)?.[0] ?? '';
  return ['module real-parts', language, `require ${module} ${version}`, ...replaces(goMod), ''].join('\n');
}

function isOlder(found: string, wanted: string): boolean {
  return found.localeCompare(wanted, 'en', { numeric: true }) < 0;
}
