import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { ACCESS_WAYS } from './access.ts';
import { ALARM_IDS } from './alarms/definitions.ts';
import { faultsOf, parsed } from './faults.ts';
import { DEFAULT_TIMEOUT_SECONDS } from './function.ts';
import { ENDPOINTS } from './network.ts';
import {
  clusterIdOf,
  DEFAULT_INTERVAL_MINUTES,
  ec2Actions,
  NOTHING_TO_WATCH,
  type Settings,
  SUBNET_ID,
  settingsSchema,
} from './settings.ts';

const securityGroupId = z
  .string()
  .regex(/^sg-[0-9a-f]{8,17}$/, 'a security group id such as sg-0123456789abcdef0');

const subnetSchema = z.strictObject({
  id: z.string().regex(SUBNET_ID, 'a subnet id such as subnet-0123456789abcdef0'),
  availabilityZone: z.string().min(1),
  routeTableId: z.string().regex(/^rtb-[0-9a-f]{8,17}$/, 'a route table id such as rtb-0123456789abcdef0'),
});

const clusterSchema = z.strictObject({
  name: z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'the name of an EKS cluster'),
  endpoint: z
    .string()
    .regex(/^https:\/\/[\w.-]+(:\d+)?\/?$/, 'the https:// URL of the API server, without a path')
    .optional(),
  certificateAuthority: z
    .string()
    .refine(isCertificate, { error: 'the base64 of a PEM certificate, as certificateAuthority.data has it' })
    .optional(),
  securityGroupId,
});

const functionSchema = z.strictObject({
  memoryMb: z.int().min(128).max(10_240).optional(),
  timeoutSeconds: z.int().min(10).max(900).optional(),
  architecture: z.enum(['arm64', 'x86_64']).optional(),
  reservedConcurrency: z.boolean().optional(),
  logRetentionDays: z.enum(RetentionDays).optional(),
});

const alarmChange = z.strictObject({
  threshold: z.number().exactOptional(),
  evaluationPeriods: z.int().min(1).exactOptional(),
  datapointsToAlarm: z.int().min(1).exactOptional(),
});

const alarmsSchema = z.strictObject({
  topicArn: z
    .string()
    .regex(/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/, 'the ARN of an SNS topic')
    .optional(),
  overrides: z.partialRecord(z.enum(ALARM_IDS), z.union([z.boolean(), alarmChange])).optional(),
});

const fields = z.strictObject({
  account: z.string().regex(/^\d{12}$/, 'the 12 digits of the account'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1'),
  /** @default `cni-metrics-<cluster>` */
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'letters, digits and hyphens, beginning with a letter')
    .optional(),
  cluster: clusterSchema,
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id such as vpc-0123456789abcdef0'),
  subnets: z.array(subnetSchema).min(1),
  nodeSecurityGroupIds: z.array(securityGroupId).optional(),
  endpoints: z.array(z.enum(ENDPOINTS)).optional(),
  access: z.enum(ACCESS_WAYS).optional(),
  function: functionSchema.optional(),
  state: z.strictObject({ removal: z.enum(['retain', 'destroy']).optional() }).optional(),
  settings: settingsSchema.optional(),
  dashboard: z.boolean().optional(),
  alarms: z.union([z.literal(false), alarmsSchema]).optional(),
  runbookUrl: z.url().optional(),
});

/** Rules between fields hold only where these are sound; they are told together with all other faults. */
const sound =
  (...names: readonly (keyof typeof fields.shape)[]) =>
  ({ value }: { value: unknown }): boolean =>
    names.every((name) => fields.shape[name].safeParse(Object(value)[name]).success);

/** One cluster of the configuration file; a stack of its own. */
export const entrySchema = fields
  .refine(
    ({ cluster }) => (cluster.endpoint === undefined) === (cluster.certificateAuthority === undefined),
    {
      path: ['cluster'],
      error: 'endpoint and certificateAuthority go together: give both or neither',
      when: sound('cluster'),
    },
  )
  .refine((entry) => (entry.function?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) < secondsBetween(entry), {
    path: ['function', 'timeoutSeconds'],
    error: 'a cycle must end before the next: give less than METRIC_UPDATE_INTERVAL',
    when: sound('function', 'settings'),
  })
  .refine(({ endpoints, cluster }) => !endpoints?.includes('eks') || cluster.endpoint === undefined, {
    path: ['endpoints'],
    error: 'eks is never called where endpoint and certificateAuthority are given',
    when: sound('endpoints', 'cluster'),
  })
  .refine(({ endpoints, settings = {} }) => !endpoints?.includes('ec2') || ec2Actions(settings).length > 0, {
    path: ['endpoints'],
    error: 'ec2 is called only with SUBNET_METRICS or CLUSTER_ID_FROM=ec2-tags',
    when: sound('endpoints', 'settings'),
  })
  .refine(
    ({ dashboard, alarms, settings = {} }) =>
      (dashboard === false && alarms === false) || clusterIdOf(settings, '') !== undefined,
    { path: ['settings'], error: NOTHING_TO_WATCH, when: sound('dashboard', 'alarms', 'settings') },
  )
  .refine(({ subnets }) => areDistinct(subnets.map(({ id }) => id)), {
    path: ['subnets'],
    error: 'two have the same id: name one subnet a zone',
    when: sound('subnets'),
  })
  .refine(({ subnets }) => areDistinct(subnets.map(({ availabilityZone }) => availabilityZone)), {
    path: ['subnets'],
    error: 'two have the same availabilityZone: name one subnet a zone',
    when: sound('subnets'),
  });

const secondsBetween = ({ settings = {} }: { settings?: Settings | undefined }): number =>
  60 * (settings.METRIC_UPDATE_INTERVAL ?? DEFAULT_INTERVAL_MINUTES);

const areDistinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

export type Entry = z.infer<typeof entrySchema>;

const configurationSchema = z.strictObject({ clusters: z.array(z.unknown()).min(1) });

/** Stack names may not have the underscores that cluster names may. */
export function stackNameOf(entry: Entry): string {
  return entry.stackName ?? `cni-metrics-${entry.cluster.name.replaceAll('_', '-')}`;
}

/**
 * The clusters to deploy to.
 * @param config context `config`: a path, or the configuration itself (in cdk.json)
 * @throws Error with every fault of every entry
 */
export function readConfiguration(config: unknown): Entry[] {
  const source = typeof config === 'string' ? config : 'context "config"';
  const { clusters } = parsed(
    configurationSchema,
    typeof config === 'string' ? readFile(config) : config,
    source,
  );
  const faults: string[] = [];
  const entries = clusters.flatMap((value, index) => {
    const result = entrySchema.safeParse(value);
    if (result.success) return [result.data];
    faults.push(`clusters[${index}]${labelOf(value)}:`, ...faultsOf(result.error));
    return [];
  });
  const names = entries.map(stackNameOf);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
    faults.push(`two entries make the stack ${name}: give one of them a stackName`);
  if (faults.length > 0) throw new Error(`${source} has faults.\n${faults.join('\n')}`);
  return entries;
}

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).subject !== '';
  } catch {
    return false;
  }
}

function readFile(path: string): unknown {
  if (!existsSync(path))
    throw new Error(
      `${path} does not exist. Write it with: npm run configure -- --cluster NAME --region REGION; or name another file with -c config=FILE.`,
    );
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function labelOf(value: unknown): string {
  const named = z.object({ cluster: z.object({ name: z.string() }) }).safeParse(value);
  return named.success ? ` (${named.data.cluster.name})` : '';
}
