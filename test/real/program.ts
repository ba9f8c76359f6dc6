import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** A running part. */
export interface Program {
  /** Ends it. @param signal SIGKILL unless how it ends matters: nothing of it is kept */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file that takes what it writes. */
  readonly log: string;
  /** Whether it serves; asked until it does. */
  readonly isReady: () => Promise<boolean>;
}

/** A machine with other work on it starts the API server in some 20 s. */
const READY_WITHIN_MS = 120_000;
const POLL_MS = 50;

/** Starts a program and waits until it serves. @throws Error with the end of its log where it does not */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { file, args, env, log, isReady } = options;
  const output = openSync(log, 'a');
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let ended: string | undefined;
  const end = new Promise((resolve) => child.on('close', resolve));
  child.on('error', ({ message }) => {
    ended = message;
  });
  child.on('exit', (code, signal) => {
    ended ??= `exit ${signal ?? code}`;
  });
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (ended === undefined) child.kill(signal);
    await end;
  };

  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady())) {
    if (ended === undefined && performance.now() < deadline) {
      await setTimeout(POLL_MS);
      continue;
    }
    await stop();
    throw new Error(`${file} is not ready: ${ended ?? 'deadline reached'}\n${tail(log)}`);
  }
  return { stop };
}

const tail = (log: string) => readFileSync(log, 'utf8').split('\n').slice(-20).join('\n');
