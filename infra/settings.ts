import { z } from 'zod';
import { DEFAULT_NAMESPACE, type Variable } from '../lambda/contract.ts';

/** What a user may set of the collector; spelt as the function's environment variables. */
export interface Settings {
  /** Minutes between two cycles, 1 to 60. @default 1 */
  readonly METRIC_UPDATE_INTERVAL?: number | undefined;
  /** CloudWatch namespace. @default 'Kubernetes', as AWS's cni-metrics-helper */
  readonly METRICS_NAMESPACE?: string | undefined;
  /** Value of the dimension CLUSTER_ID. @default - see CLUSTER_ID_FROM */
  readonly AWS_CLUSTER_ID?: string | undefined;
  /** Where the dimension CLUSTER_ID comes from; `ec2-tags` allows ec2:DescribeInstances. @default 'cluster-name' */
  readonly CLUSTER_ID_FROM?: 'cluster-name' | 'ec2-tags' | undefined;
  /** Whether to publish; without it the function has no right to. @default true */
  readonly USE_CLOUDWATCH?: boolean | undefined;
  /** `none` for a cluster without aws-node pods: only subnets are watched. @default 'aws-node' */
  readonly PODS?: 'aws-node' | 'none' | undefined;
  /** Milliseconds a pod may take to answer. @default 3000 */
  readonly SCRAPE_TIMEOUT_MS?: number | undefined;
  /** Pods read at the same time. @default 100 */
  readonly SCRAPE_CONCURRENCY?: number | undefined;
  /** Key of the readings in the state bucket. @default 'cni-metrics/<cluster>.json.gz' */
  readonly STATE_KEY?: string | undefined;
  /** Free addresses of the subnets; allows ec2:DescribeSubnets. @default false */
  readonly SUBNET_METRICS?: boolean | undefined;
  /** Subnets to watch besides those of the cluster. @default - none */
  readonly SUBNET_IDS?: readonly string[] | undefined;
  /** @default 'info' */
  readonly LOG_LEVEL?: 'debug' | 'info' | 'warn' | 'error' | undefined;
}

export const SUBNET_ID = /^subnet-[0-9a-f]{8,17}$/;

const isObject = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null;

/**
 * Namespace: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 * Scrape timeout: ipamd closes a connection after 5 s, so more buys nothing.
 */
export const settingsSchema = z
  .strictObject({
    METRIC_UPDATE_INTERVAL: z.int().min(1).max(60).optional(),
    METRICS_NAMESPACE: z
      .string()
      .regex(
        /^(?!AWS\/)[\w.#/-][\w.#:/ -]{0,254}$/,
        '255 characters of letters, digits and . - _ / # : at most, not AWS/…',
      )
      .optional(),
    AWS_CLUSTER_ID: z
      .string()
      // The function takes what a dimension may be; here it also stands in names of alarms and in searches.
      .regex(
        /^(?!:|.*["'\\])(?=.*\S)[\x20-\x7e]{1,200}$/,
        '1 to 200 printable ASCII characters without quotes and backslashes, not starting with a colon',
      )
      .optional(),
    CLUSTER_ID_FROM: z.enum(['cluster-name', 'ec2-tags']).optional(),
    USE_CLOUDWATCH: z.boolean().optional(),
    PODS: z.enum(['aws-node', 'none']).optional(),
    SCRAPE_TIMEOUT_MS: z.int().min(10).max(5000).optional(),
    SCRAPE_CONCURRENCY: z.int().min(1).max(1000).optional(),
    STATE_KEY: z
      .string()
      .regex(
        /^[\w!.()-][\w!.()/-]{0,899}$/,
        '900 characters of letters, digits and _ ! . ( ) / - at most, not starting with /',
      )
      .optional(),
    SUBNET_METRICS: z.boolean().optional(),
    SUBNET_IDS: z
      .array(z.string().regex(SUBNET_ID, 'a subnet id such as subnet-0123456789abcdef0'))
      .min(1)
      .optional(),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  })
  // Told together with all other faults, not only after them.
  .refine(({ SUBNET_IDS, SUBNET_METRICS }) => !SUBNET_IDS || SUBNET_METRICS, {
    path: ['SUBNET_IDS'],
    error: 'needs SUBNET_METRICS: true',
    when: isObject,
  })
  .refine(({ PODS, SUBNET_METRICS }) => PODS !== 'none' || SUBNET_METRICS, {
    path: ['PODS'],
    error: 'none needs SUBNET_METRICS: true, since nothing else is left to publish',
    when: isObject,
  })
  .refine(({ AWS_CLUSTER_ID, CLUSTER_ID_FROM }) => !AWS_CLUSTER_ID || CLUSTER_ID_FROM !== 'ec2-tags', {
    path: ['AWS_CLUSTER_ID'],
    error: 'already says the id: leave out CLUSTER_ID_FROM',
    when: isObject,
  }) satisfies z.ZodType<Settings>;

export const DEFAULT_INTERVAL_MINUTES = 1;

export function namespaceOf(settings: Settings): string {
  return settings.METRICS_NAMESPACE ?? DEFAULT_NAMESPACE;
}

/**
 * The value of the dimension CLUSTER_ID that dashboard and alarms must name; undefined where it is known at run
 * time only, or where nothing is published.
 */
export function clusterIdOf(settings: Settings, clusterName: string): string | undefined {
  if (settings.USE_CLOUDWATCH === false || settings.CLUSTER_ID_FROM === 'ec2-tags') return undefined;
  return settings.AWS_CLUSTER_ID ?? clusterName;
}

export const NOTHING_TO_WATCH =
  'with CLUSTER_ID_FROM=ec2-tags (name the id as AWS_CLUSTER_ID instead) or USE_CLOUDWATCH=false, dashboard and alarms must be false';

/** The EC2 calls that these settings make the function send. */
export function ec2Actions(settings: Settings): readonly string[] {
  return [
    ...(settings.CLUSTER_ID_FROM === 'ec2-tags' ? ['ec2:DescribeInstances'] : []),
    ...(settings.SUBNET_METRICS ? ['ec2:DescribeSubnets'] : []),
  ];
}

/** The settings as environment variables; METRIC_UPDATE_INTERVAL belongs to the schedule. */
export function variablesOf({
  METRIC_UPDATE_INTERVAL: _,
  ...settings
}: Settings): Partial<Record<Variable, string>> {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}
