import type { Usage } from './command-line.ts';

/** A command, once it is loaded. */
export interface Command {
  readonly usage: Usage;
  /** @returns the exit code. @throws UsageError, CollectorError */
  run(args: readonly string[]): Promise<number>;
}
