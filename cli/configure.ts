import type { Command } from './command.ts';

/** `configure` reads the command line itself and shows its own help. */
export const CONFIGURE: Command = {
  usage: undefined,
  async run() {
    process.argv.splice(2, 1);
    await import('../infra/configure/main.ts');
    return Number(process.exitCode ?? 0);
  },
};
