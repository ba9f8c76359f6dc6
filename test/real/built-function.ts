import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../infra/bundle.ts';

/** The bundle that Lambda gets, in a process of its own. */
export interface BuiltFunction extends AsyncDisposable {
  /** One invocation after the other. @throws FunctionError */
  invoke<Result>(event: object): Promise<Result>;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What an invocation threw. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly code: string;
  readonly remedy: string;

  constructor({ code, message, remedy }: Failure) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * Builds the function, once for all of them, and starts it.
 * @param environment nothing else is in it
 * @param timeoutMs that of Lambda for each invocation
 */
export async function startBuiltFunction(
  environment: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<BuiltFunction> {
  const child = await startChild([await built(), String(timeoutMs)], environment);
  return {
    async invoke<Result>(event: object) {
      child.send(event);
      const { result, error } = await messageOf(child);
      if (error) throw new FunctionError(error);
      return result as Result;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

let building: Promise<string> | undefined;

/** The bundle's entry, built once; main.ts removes every temporary folder. */
function built(): Promise<string> {
  building ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'bundle-'));
    await bundle(outdir);
    return join(outdir, 'index.mjs');
  })();
  return building;
}

async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'invoke-bundle.ts'), args, {
    env,
    // Its log is not looked at.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await messageOf(child);
  return child;
}

interface Message {
  readonly result?: unknown;
  readonly error?: Failure;
}

/** @throws Error where the child ends without one */
function messageOf(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: unknown) => reject(new Error(`the function's process ended: ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(Object(message));
    });
  });
}
