import type { z } from 'zod';

/** What is wrong, a line each: where, and what is accepted. */
export function faultsOf(error: z.ZodError): string[] {
  return linesOf(error.issues, []);
}

/** @throws Error that names all faults of `value` */
export function parsed<Output>(schema: z.ZodType<Output>, value: unknown, source: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error([`${source} has faults.`, ...faultsOf(result.error)].join('\n'));
}

function linesOf(issues: readonly z.core.$ZodIssue[], at: readonly PropertyKey[]): string[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    // Of alternatives the last is the one with fields, and its faults are the ones worth telling.
    const nested = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined;
    return nested ? linesOf(nested, path) : [`  ${path.join('.') || 'it'}: ${issue.message}`];
  });
}
