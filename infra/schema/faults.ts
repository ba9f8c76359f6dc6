import type { z } from 'zod';
import { printable } from '../../lambda/contract.ts';

/** The configuration or the properties of a construct have faults; the message lists all of them. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** A rule between fields. */
export interface Rule<Options> {
  /** The fields it reads, dotted. The rule waits while one of them has a fault of its own. */
  readonly reads: readonly string[];
  /** The field to correct. */
  readonly at: string;
  /** What is wrong, if something is. */
  readonly fault: (options: Options) => string | undefined;
}

type Checked<Output> =
  | { readonly value: Output; readonly faults?: never }
  | { readonly faults: readonly string[] };

/** Holds `value` against a schema and the rules between its fields; finds all faults of both at once. */
export function checked<Output>(
  schema: z.ZodType<Output>,
  rules: readonly Rule<Output>[],
  value: unknown,
): Checked<Output> {
  const { data, error } = schema.safeParse(value);
  const found = error ? faultsOf(error.issues) : [];
  if (typeof value !== 'object' || value === null) return { faults: found.map(lineOf) };
  const isSound = (field: string) => found.every(({ path }) => !overlap(path, field));
  // Rules read sound fields only, so the type holds for what they read.
  const options = data ?? (value as Output);
  const broken = rules.flatMap(({ reads, at, fault }) => {
    const message = reads.every(isSound) ? fault(options) : undefined;
    return message === undefined ? [] : [{ path: at, message }];
  });
  const faults = [...found, ...broken].map(lineOf);
  return data === undefined || faults.length > 0 ? { faults } : { value: data };
}

/** @throws ConfigurationError with all faults of `value` */
export function valid<Output>(
  schema: z.ZodType<Output>,
  rules: readonly Rule<Output>[],
  value: unknown,
  source: string,
): Output {
  const result = checked(schema, rules, value);
  if (result.faults) throw new ConfigurationError([`${source} has faults.`, ...result.faults].join('\n'));
  return result.value;
}

interface Fault {
  /** Dotted; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Path and message quote a file that may be somebody else's. */
const lineOf = ({ path, message }: Fault): string =>
  `  ${printable(path === '' ? message : `${path}: ${message}`)}`;

function faultsOf(issues: readonly z.core.$ZodIssue[], at: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({
        path: [...path, key].join('.'),
        message: messages[index] ?? 'unknown field',
      }));
    }
    // The last of the alternatives is the one with fields, and its faults are the useful ones.
    const nested = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined;
    return nested ? faultsOf(nested, path) : [{ path: path.join('.'), message: issue.message }];
  });
}

/** Whether a fault at `path` concerns `field`: the same, or one is inside the other. */
const overlap = (path: string, field: string): boolean =>
  path !== '' && (`${field}.`.startsWith(`${path}.`) || path.startsWith(`${field}.`));
