import { printable } from '../lambda/domain/printable.ts';
import { CollectorError } from '../lambda/errors.ts';
import manifest from '../package.json' with { type: 'json' };
import { renderUsage, UsageError } from './command-line.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { failureOf } from './terminal/failure.ts';
import { widthOf } from './terminal/width.ts';
import { wrap } from './terminal/wrap.ts';

/** Where the texts go. */
interface Output {
  write(text: string): unknown;
  /** Characters a line may have; undefined: not a terminal. */
  readonly columns?: number;
}

/** Runs a command line. @returns the exit code: 0, 1 for what failed, 2 for what cannot be understood */
export async function run(args: readonly string[], stdout: Output, stderr: Output): Promise<number> {
  try {
    return await dispatch(args, stdout);
  } catch (error) {
    if (error instanceof UsageError) {
      say(stderr, `eks-cni-metrics: ${printable(error.message)}. --help shows what is accepted.`);
      return 2;
    }
    if (!(error instanceof CollectorError)) throw error;
    say(stderr, error.message);
    if (args.includes('--json')) stdout.write(`${JSON.stringify(failureOf(error), undefined, 2)}\n`);
    return 1;
  }
}

const say = (output: Output, text: string) =>
  output.write(`${wrap(text, widthOf(output), '', '').join('\n')}\n`);

async function dispatch([name = '--help', ...args]: readonly string[], stdout: Output): Promise<number> {
  if (isHelp(name)) {
    stdout.write(renderUsage(USAGE, widthOf(stdout)));
    return 0;
  }
  if (name === '--version') {
    stdout.write(`${manifest.version}\n`);
    return 0;
  }
  if (!isCommand(name)) throw new UsageError(`there is no command '${name}'`);
  const command = await COMMANDS[name].load();
  if (!args.some(isHelp)) return command.run(args);
  stdout.write(renderUsage(command.usage, widthOf(stdout)));
  return 0;
}

const isHelp = (text: string) => text === '--help' || text === '-h';

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

const USAGE = {
  synopsis: 'eks-cni-metrics COMMAND [options]',
  about: `${manifest.description}.`,
  tables: [
    {
      title: 'commands',
      rows: Object.entries(COMMANDS).map(([name, { about }]) => [name, about] as const),
    },
    {
      title: 'options',
      rows: [
        ['-h, --help', 'this text, or the options of a command'],
        ['--version', 'the version of this package'],
      ],
    },
  ],
} as const;
