import { parseArgs } from 'node:util';

/** What a person may ask of `npm start`. */
export interface Options {
  /** Two cycles, then the end. */
  readonly once: boolean;
  /** The last report as JSON on stdout; logs on stderr. */
  readonly json: boolean;
  readonly nodes: number;
  readonly seed: number;
  /** Percent of the pods that cannot be read, others in each cycle. */
  readonly fail: number;
}

export const USAGE = `npm start -- [options]

  --once           two cycles, a simulated minute apart, then the end
  --json           print the last report as JSON on stdout, logs on stderr
  --nodes N        nodes of the simulated cluster, 1 to 10000 (default 25)
  --seed N         another cluster with another life (default 1)
  --fail PERCENT   pods that cannot be read, 0 to 100 (default 0)
  --help           this text
`;

/** A command line that cannot be understood; the message says what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { once, json, help, nodes, seed, fail } = parse(args);
  if (help) return 'help';
  return {
    once,
    json,
    nodes: wholeNumber('--nodes', nodes, 1, 10_000),
    seed: wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    fail: wholeNumber('--fail', fail, 0, 100),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        nodes: { type: 'string', default: '25' },
        seed: { type: 'string', default: '1' },
        fail: { type: 'string', default: '0' },
      },
    }).values;
  } catch (error) {
    // Node's own sentence names the option; what follows it is advice on another problem.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(sentence, { cause: error });
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not '${text}'`);
}
