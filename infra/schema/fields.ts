import { Token } from 'aws-cdk-lib';
import { z } from 'zod';
import type { Format } from '../../lambda/contract.ts';
import { nearName } from './near-name.ts';

/** Text of a format. A CDK token stands for a text that only the deployment knows, and passes. */
export const text = ({ pattern, accepts }: Format) =>
  z.string().refine((value) => Token.isUnresolved(value) || pattern.test(value), { error: accepts });

/** Text that names or patterns at synthesis depend on. */
export const literalText = ({ pattern, accepts }: Format) =>
  z
    .string()
    .refine((value) => !Token.isUnresolved(value), {
      error: 'must be known at synthesis: it cannot be a token',
      abort: true,
    })
    .regex(pattern, accepts);

export const wholeNumber = ({ least, most }: { least: number; most: number }) => z.int().min(least).max(most);

/** A list whose length is known at synthesis. */
export const list = <Item extends z.ZodType>(item: Item, least = 0) =>
  z
    .custom((value) => !Token.isUnresolved(value), 'must be a list of texts, not a list token')
    .pipe(z.array(item).min(least));

/** An object without other fields. The message has a line for each unknown field, in the order of the issue's keys. */
export const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
        ? issue.keys.map((key) => unknownField(String(key), Object.keys(shape))).join('\n')
        : undefined,
  });

function unknownField(key: string, names: readonly string[]): string {
  const near = nearName(key, names);
  return near ? `unknown field, did you mean ${near}?` : 'unknown field';
}

const idOf = (kind: string, name: string): Format => ({
  pattern: new RegExp(`^${kind}-[0-9a-f]{8,17}$`),
  accepts: `${name} such as ${kind}-0123456789abcdef0`,
});

export const securityGroupId = text(idOf('sg', 'a security group ID'));
export const prefixListId = text(idOf('pl', 'a prefix list ID'));
export const vpcId = literalText(idOf('vpc', 'a VPC ID'));
export const routeTableId = literalText(idOf('rtb', 'a route table ID'));
