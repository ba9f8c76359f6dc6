import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../../infra/bundle.ts';
import { DEFAULT_MEMORY_MB } from '../../infra/function.ts';
import { nodeOptions } from '../../lambda/contract.ts';
import type { CpuShare } from './cpu-share.ts';
import type { ClientOptions, ClientResult, ServerAddress, ServerOptions, ServerUsage } from './protocol.ts';

const DIST = join(import.meta.dirname, '../../dist');
export const BUNDLE_DIR = join(DIST, 'lambda');
const OUT_DIR = join(DIST, 'bench');

/**
 * Writes the function and the benchmark's own programs as plain JavaScript, so that no process has a compiler of
 * TypeScript in its memory.
 */
export async function buildPrograms(): Promise<void> {
  await bundle(BUNDLE_DIR);
  await build({
    entryPoints: ['server', 'client', 'micro', 'interfaces-client'].map((name) =>
      join(import.meta.dirname, `${name}.ts`),
    ),
    outdir: OUT_DIR,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  });
}

/** The file of a program of the benchmark, once it is built. */
export const programOf = (name: string): string => join(OUT_DIR, `${name}.mjs`);

/** @param options as NODE_OPTIONS has them; none: as Node does by itself */
function start(program: string, argument: string, core: string | undefined, options = ''): ChildProcess {
  const command = [process.execPath, programOf(program), argument];
  const pinned = core === undefined ? command : ['taskset', '--cpu-list', core, ...command];
  const [file = '', ...args] = pinned;
  return spawn(file, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: options },
  });
}

async function answerOf<T>(child: ChildProcess, program: string): Promise<T> {
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the benchmark's ${program} ended with code ${code}`);
    }),
  ]);
  return answer;
}

export interface Server extends AsyncDisposable {
  readonly address: ServerAddress;
  /** What it did since it was asked last. */
  usage(): Promise<ServerUsage>;
}

/** @param core to which it is pinned; undefined: none */
export async function startServer(options: ServerOptions, core: string | undefined): Promise<Server> {
  const child = start('server', JSON.stringify(options), core);
  const address = await answerOf<ServerAddress>(child, 'server');
  return {
    address,
    async usage() {
      child.send('usage');
      return answerOf<ServerUsage>(child, 'server');
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** How a client runs. */
export interface ClientLimits {
  /** To which it is pinned; undefined: none. */
  readonly core: string | undefined;
  /** The memory setting whose limits Node gets; undefined: none. */
  readonly memoryMb?: number | undefined;
  /** What it may use of the machine; undefined: all. */
  readonly share?: CpuShare | undefined;
}

/** Runs a client to its end. */
export async function runClient(
  options: ClientOptions,
  { core, memoryMb, share }: ClientLimits,
): Promise<ClientResult> {
  const child = start('client', '', core, memoryMb === undefined ? '' : nodeOptions(memoryMb));
  using _limits = share?.limit(child.pid ?? 0);
  child.send(options);
  const result = await answerOf<ClientResult>(child, 'client');
  if (child.exitCode === null) await once(child, 'exit');
  return result;
}

/** Runs the micro-benchmarks; microseconds each. */
export async function runMicro(core: string | undefined): Promise<Readonly<Record<string, number>>> {
  const child = start('micro', '', core, nodeOptions(DEFAULT_MEMORY_MB));
  return answerOf(child, 'micro-benchmark');
}
