import { z } from 'zod';
import { AwsRefusal } from './endpoint.ts';

/** The input of an operation in the form of its schema. @throws AwsRefusal */
export function parsed<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new AwsRefusal('SerializationException', z.prettifyError(result.error));
}
