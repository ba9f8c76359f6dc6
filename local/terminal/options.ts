import { parseArgs } from 'node:util';
import { LINKS, type LinkName } from '../links.ts';

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
  /** No cycles: this link of the path is broken, and the function diagnoses it. */
  readonly break?: LinkName;
}

export const USAGE = `npm start -- [options]

  --once           two cycles, a simulated minute apart, then the end
  --json           print the last report as JSON on stdout, logs on stderr
  --nodes N        nodes of the simulated cluster, 1 to 10000 (default 25)
  --seed N         another cluster with another life (default 1)
  --fail PERCENT   pods that cannot be read, 0 to 100 (default 0)
  --break LINK     break one link of the path and let the function diagnose it
  --help           this text

LINK is one of
${Object.entries(LINKS)
  .map(([name, { broken }]) => `  ${name.padEnd(22)}${broken}`)
  .join('\n')}
`;

/** A command line that cannot be understood; the message says what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { once, json, help, nodes, seed, fail, break: link } = parse(args);
  if (help) return 'help';
  return {
    once,
    json,
    nodes: wholeNumber('--nodes', nodes, 1, 10_000),
    seed: wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    fail: wholeNumber('--fail', fail, 0, 100),
    ...(link !== undefined && { break: linkNamed(link) }),
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

function linkNamed(text: string): LinkName {
  if (isLink(text)) return text;
  throw new UsageError(`--break takes one of the links below, not '${text}'`);
}

const isLink = (text: string): text is LinkName => Object.hasOwn(LINKS, text);
