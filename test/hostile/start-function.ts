import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Report } from '../../lambda/collect/report.ts';
import { nodeOptions } from '../../lambda/contract.ts';

/** The default size of the function, which all limits must fit. */
const MEMORY_MB = 512;

export interface Invocation {
  /** Undefined: the invocation failed. */
  readonly report?: Report;
  readonly error?: string;
  /** Lines of JSON. */
  readonly log: readonly string[];
  /** Processor time of the whole invocation. */
  readonly cpuMs: number;
}

export interface FunctionProcess extends AsyncDisposable {
  /**
   * @param event JSON, as Lambda's runtime gets it
   * @param now the function's clock, epoch milliseconds
   * @throws Error where Lambda would have ended it: its buffers, which the heap's limit does not include, took the memory
   */
  invoke(event: string, now: number): Promise<Invocation>;
}

/** Starts the function with the heap limits of 512 MB; it stays warm. */
export function startFunction(environment: Readonly<Record<string, string>>): FunctionProcess {
  const program = join(import.meta.dirname, 'function-process.ts');
  const child = spawn(
    process.execPath,
    [...nodeOptions(MEMORY_MB).split(' '), program, JSON.stringify(environment)],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async invoke(event, now) {
      child.stdin.write(`${JSON.stringify({ event, now })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the function's process ended with ${child.exitCode ?? child.signalCode}`);
      const { maxRssMb, ...invocation } = JSON.parse(value);
      if (maxRssMb > MEMORY_MB) throw new Error(`the function took ${Math.round(maxRssMb)} MB of memory`);
      return invocation;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
