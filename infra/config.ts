import { existsSync, readFileSync } from 'node:fs';
import { Token } from 'aws-cdk-lib';
import { z } from 'zod';
import { messageOf, printable } from '../lambda/contract.ts';
import { ENTRY_RULES, type Entry, entrySchema } from './entry.ts';
import { conflictsBetween } from './entry-conflicts.ts';
import { ConfigurationError, checked, valid } from './schema/faults.ts';
import { object } from './schema/fields.ts';

const configurationSchema = object({ clusters: z.array(z.unknown()).min(1) });

/**
 * The clusters to deploy to.
 * @param config context `config`: a path, or the configuration itself (in cdk.json)
 * @throws ConfigurationError with every fault of every entry
 */
export function readConfiguration(config: unknown): Entry[] {
  const isPath = typeof config === 'string';
  const source = isPath ? config : 'context "config"';
  const { clusters } = valid(configurationSchema, [], isPath ? readFile(config) : config, source);
  const results = clusters.map((value) => checked(entrySchema, ENTRY_RULES, value));
  const entries = results.flatMap((result) => (result.faults ? [] : [result.value]));
  const faults = [
    ...results.flatMap(({ faults = [] }, index) =>
      faults.length > 0 ? [`clusters[${index}]${labelOf(clusters[index])}:`, ...faults] : [],
    ),
    ...conflictsBetween(entries),
  ];
  if (faults.length > 0) throw new ConfigurationError(`${source} has faults.\n${faults.join('\n')}`);
  return entries;
}

function readFile(path: string): unknown {
  if (!existsSync(path))
    throw new ConfigurationError(
      `${path} does not exist. Write it with configure (--cluster NAME --region REGION), or name another file with -c config=FILE.`,
    );
  const value = parse(path);
  // A text with a token passes every format, and so would what stands beside the token.
  if (Token.isUnresolved(JSON.stringify(value)))
    throw new ConfigurationError(
      `${path} contains a token of the CDK (\${Token[…]}): only the code of an app can give tokens.`,
    );
  return value;
}

function parse(path: string): unknown {
  try {
    // Some editors start a file with a byte order mark.
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    // The message quotes the file.
    const fault = printable(messageOf(cause));
    throw new ConfigurationError(`${path} is not JSON: ${fault}`, { cause });
  }
}

function labelOf(value: unknown): string {
  const named = z.object({ cluster: z.object({ name: z.string() }) }).safeParse(value);
  return named.success ? ` (${printable(named.data.cluster.name)})` : '';
}
