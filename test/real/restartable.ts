import type { Program } from './program.ts';

/** A part of the cluster that scenarios end and start again. */
export interface Restartable {
  /** Starts it where it does not run, and waits until it serves. @param flags more of its command line */
  start(...flags: string[]): Promise<void>;
  /** Ends it where it runs. @param signal SIGKILL where none is given */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export function restartable(start: (flags: readonly string[]) => Promise<Program>): Restartable {
  let program: Program | undefined;
  return {
    async start(...flags) {
      program ??= await start(flags);
    },
    async stop(signal) {
      await program?.stop(signal);
      program = undefined;
    },
  };
}
