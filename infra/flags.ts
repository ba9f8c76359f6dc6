import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { PARTITIONS } from '../lambda/contract.ts';

/**
 * The CDK's feature flags: those that this version of the library recommends, so that none is left to its
 * history; the golden template shows what an upgrade changes. In code, since tests do not see cdk.json.
 */
export const FEATURE_FLAGS = {
  ...recommended,
  '@aws-cdk/core:target-partitions': PARTITIONS.map(({ name }) => name),
  // Statements stay as they are written: each has a name and a reason.
  '@aws-cdk/aws-iam:minimizePolicies': false,
};
