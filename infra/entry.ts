import { z } from 'zod';
import { partitionOf, SUBNET_ID } from '../lambda/contract.ts';
import type { Rule } from './schema/faults.ts';
import { list, literalText, object, routeTableId, vpcId } from './schema/fields.ts';
import { OPTIONS } from './schema/option-fields.ts';
import { duplicatesIn, OPTION_RULES } from './schema/rules.ts';

const subnetSchema = object({
  id: literalText(SUBNET_ID),
  availabilityZone: z.string().min(1),
  routeTableId,
});

/** One cluster of the configuration file; a stack of its own. */
export const entrySchema = object({
  account: literalText({ pattern: /^\d{12}$/, accepts: 'the 12 digits of the account' }),
  region: z
    .string()
    .refine((region) => partitionOf(region) !== undefined, { error: 'a region such as eu-central-1' }),
  /** @default `cni-metrics-<cluster>` */
  stackName: literalText({
    pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    accepts: 'letters, digits and hyphens, starting with a letter, 128 at most',
  }).optional(),
  /** For every resource that can have tags. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
  /** Set on every role of the stack. */
  permissionsBoundary: literalText({
    pattern: /^arn:[\w-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    accepts: 'the ARN of a managed policy',
  }).optional(),
  /** Of a bootstrap with `cdk bootstrap --qualifier`. */
  bootstrapQualifier: literalText({
    pattern: /^[a-z0-9]{1,10}$/,
    accepts: '1 to 10 lower-case letters and digits',
  }).optional(),
  vpcId,
  subnets: list(subnetSchema, 1),
  ...OPTIONS,
});

export type Entry = z.infer<typeof entrySchema>;

export const ENTRY_RULES: readonly Rule<Entry>[] = [
  ...OPTION_RULES,
  {
    reads: ['subnets'],
    at: 'subnets',
    fault: ({ subnets }) => duplicatesIn(subnets.map(({ id }) => id)),
  },
  {
    reads: ['subnets'],
    at: 'subnets',
    fault({ subnets }) {
      const twice = duplicatesIn(subnets.map(({ availabilityZone }) => availabilityZone));
      return twice && `${twice}: name one subnet for each zone`;
    },
  },
];

/** Stack names cannot contain the underscores that cluster names can. */
export const stackNameOf = (entry: Entry): string =>
  entry.stackName ?? `cni-metrics-${entry.cluster.name.replaceAll('_', '-')}`;
