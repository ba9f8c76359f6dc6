import { parseArgs } from 'node:util';
import { FAULTS, type FaultName } from '../fault-injection/faults.ts';

/** What a person may ask of `npm start`. */
export type Options = SimulationOptions | RealClusterOptions;

interface ShowOptions {
  /** Two cycles, then the end. */
  readonly once: boolean;
  /** The last report as JSON on stdout; logs on stderr. */
  readonly json: boolean;
}

export interface SimulationOptions extends ShowOptions {
  readonly nodes: number;
  readonly seed: number;
  /** Percent of the pods that cannot be read, others in each cycle. */
  readonly fail: number;
  /** No cycles: this fault is injected, and the function diagnoses it. */
  readonly break?: FaultName;
}

export interface RealClusterOptions extends ShowOptions {
  /** Of the kubeconfig. */
  readonly context: string;
  /** Between two cycles. */
  readonly everySeconds: number;
}

export const USAGE = `npm start -- [options]

  --once           two cycles, then the end
  --json           print the last report as JSON on stdout, logs on stderr
  --help           this text

a simulated cluster:
  --nodes N        its nodes, 1 to 10000 (default 25)
  --seed N         another cluster with another life (default 1)
  --fail PERCENT   pods that cannot be read, 0 to 100 (default 0)
  --break LINK     break one link of the path and let the function diagnose it

a real cluster, read only:
  --context NAME   a context of the kubeconfig
  --every SECONDS  from one cycle to the next, 1 to 3600 (default 10)

LINK is one of
${Object.entries(FAULTS)
  .map(([name, { description }]) => `  ${name.padEnd(22)}${description}`)
  .join('\n')}
`;

/** A command line that cannot be understood; the message says what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  const { once, json, help, context, every, nodes, seed, fail, break: link } = values;
  if (help) return 'help';
  if (context !== undefined) {
    const misplaced = SIMULATION.find((name) => values[name] !== undefined);
    if (misplaced)
      throw new UsageError(`--${misplaced} shapes a simulated cluster, --context names a real one`);
    if (context === '') throw new UsageError('--context takes the name of a context of the kubeconfig');
    return { once, json, context, everySeconds: wholeNumber('--every', every ?? '10', 1, 3600) };
  }
  if (every !== undefined) throw new UsageError('--every needs --context: a simulated minute is always one');
  return {
    once,
    json,
    nodes: wholeNumber('--nodes', nodes ?? '25', 1, 10_000),
    seed: wholeNumber('--seed', seed ?? '1', 0, 2 ** 32 - 1),
    fail: wholeNumber('--fail', fail ?? '0', 0, 100),
    ...(link !== undefined && { break: faultNamed(link) }),
  };
}

const SIMULATION = ['nodes', 'seed', 'fail', 'break'] as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        context: { type: 'string' },
        every: { type: 'string' },
        nodes: { type: 'string' },
        seed: { type: 'string' },
        fail: { type: 'string' },
        break: { type: 'string' },
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

function faultNamed(text: string): FaultName {
  if (isFault(text)) return text;
  throw new UsageError(`--break takes one of the links below, not '${text}'`);
}

const isFault = (text: string): text is FaultName => Object.hasOwn(FAULTS, text);
