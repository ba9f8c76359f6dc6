import { Stack, Token } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { z } from 'zod';
import { valid } from './faults.ts';
import { object } from './fields.ts';
import { OPTIONS } from './option-fields.ts';
import { OPTION_RULES, type Options } from './rules.ts';

const propsSchema = object({
  ...OPTIONS,
  vpc: z.custom<IVpc>(Object, 'a VPC'),
  subnets: z.custom<readonly ISubnet[]>(
    (value) => Array.isArray(value) && value.length > 0,
    'at least one subnet',
  ),
  code: z.custom<Code>().optional(),
  region: z.string().optional(),
});

/**
 * The options of a construct, held against the schema of the configuration file. TypeScript does not see what is
 * computed, and JavaScript sees nothing.
 * @throws ConfigurationError with all faults
 */
export function validProps(scope: IConstruct, props: object): Options {
  const { region } = Stack.of(scope);
  const value = { ...props, region: Token.isUnresolved(region) ? undefined : region };
  return valid(propsSchema, OPTION_RULES, value, scope.node.path);
}
