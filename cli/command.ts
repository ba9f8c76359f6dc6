import type { Usage } from './command-line.ts';

/** A command, once it is loaded. */
export interface Command {
  /** Undefined: the command shows its own. */
  readonly usage: Usage | undefined;
  /** @returns the exit code. @throws UsageError, CollectorError */
  run(args: readonly string[]): Promise<number>;
}
