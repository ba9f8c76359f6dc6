import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { messageOf } from '../lambda/domain/error-message.ts';
import { wrap } from './terminal/wrap.ts';

/** A command line that cannot be understood; the message says what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The options of a command.
 * @throws UsageError
 */
export function parseOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // The first sentence names the option; the rest of Node's message is advice on another problem.
    const [sentence = ''] = messageOf(error).split(/\.\s/);
    throw new UsageError(sentence, { cause: error });
  }
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not '${text}'`);
}

/**
 * The name of a context.
 * @throws UsageError
 */
export function contextName(text: string | undefined): string {
  if (text) return text;
  throw new UsageError('--context NAME is needed: the name of a context of the kubeconfig');
}

/** What `--help` shows of a command. */
export interface Usage {
  readonly synopsis: string;
  /** What the command does, in a sentence or two. */
  readonly about: string;
  /** Tables of names and their meanings. */
  readonly tables: readonly {
    readonly title: string;
    readonly rows: readonly (readonly [string, string])[];
  }[];
}

/** @param width characters a line may have */
export function renderUsage({ synopsis, about, tables }: Usage, width: number): string {
  const lines = [`usage: ${synopsis}`, '', ...wrap(about, width, '', '')];
  for (const { title, rows } of tables) {
    const column = 4 + Math.max(...rows.map(([name]) => name.length));
    lines.push('', `${title}:`);
    for (const [name, meaning] of rows)
      lines.push(...wrap(meaning, width, `  ${name.padEnd(column - 2)}`, ' '.repeat(column)));
  }
  return `${lines.join('\n')}\n`;
}
