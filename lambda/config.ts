import type { ClusterEndpoint } from './cluster-endpoint.ts';
import {
  CLUSTER_ID_SOURCES,
  CLUSTER_NAME,
  DEFAULT_NAMESPACE,
  defaultStateKey,
  LOG_LEVELS,
  type LogLevel,
  MAX_DIRECT_CONCURRENCY,
  NAMESPACE,
  PODS,
  SCRAPE_CONCURRENCY,
  SCRAPE_TIMEOUT_MS,
  SCRAPE_WAYS,
  type ScrapeWay,
  VARIABLES,
  type Variable,
} from './contract.ts';
import { quoted } from './domain/evidence.ts';
import { CollectorError } from './errors.ts';
import {
  bucketName,
  certificates,
  dimensionValue,
  encryption,
  httpsUrl,
  InvalidValue,
  matching,
  nodeCidrs,
  objectKey,
  oneOf,
  type Parse,
  subnetIds,
  wholeNumber,
  yesOrNo,
} from './variable-parsers.ts';

/** The settings of the function, checked; every field is ready to use. */
export interface Config {
  readonly clusterName: string;
  /** Undefined: ask EKS (DescribeCluster). */
  readonly endpoint: ClusterEndpoint | undefined;
  /** Value of the dimension CLUSTER_ID, or where to find it. */
  readonly clusterId: { readonly value: string } | { readonly from: 'ec2-tags' };
  readonly namespace: string;
  /** False: everything except publishing. */
  readonly publish: boolean;
  /** `none`: the cluster has no aws-node pods, so only its subnets are watched. */
  readonly pods: (typeof PODS)[number];
  readonly scrape: { readonly timeoutMs: number; readonly concurrency: number };
  readonly scrapeVia: ScrapeWay;
  /** With `scrapeVia` node: where nodes may be. Undefined: anywhere but loopback. */
  readonly nodeCidrs: readonly string[] | undefined;
  /** Undefined: the state is kept in memory. */
  readonly state:
    | {
        readonly bucket: string;
        readonly key: string;
        /** What is asked of S3 at each write: AES256 or the ARN of a KMS key. Undefined: the bucket's default. */
        readonly encryption?: string | undefined;
      }
    | undefined;
  /** Undefined: no subnet metrics. `ids` are watched in addition to the subnets found by tag. */
  readonly subnets: { readonly ids: readonly string[] } | undefined;
  readonly logLevel: LogLevel;
}

/**
 * Reads and checks the whole environment.
 * @throws CollectorError config-invalid that names every fault: variable, value, what is accepted
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];

  function read<T>(name: Variable, parse: Parse<T>): T | undefined {
    const value = env[name];
    if (value === undefined) return undefined;
    try {
      if (value.trim() === '') throw new InvalidValue('a value, or no such variable at all');
      return parse(value);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      faults.push(`${name} is ${quoted(value)}, but takes ${error.message}`);
      return undefined;
    }
  }
  const isSet = (name: Variable) => env[name] !== undefined;
  const conflict = (fault: string) => {
    faults.push(fault);
  };

  const name = read('CLUSTER_NAME', matching(CLUSTER_NAME));
  const url = read('CLUSTER_ENDPOINT', httpsUrl);
  const ca = read('CLUSTER_CA', certificates);
  const idFrom = read('CLUSTER_ID_FROM', oneOf(CLUSTER_ID_SOURCES)) ?? CLUSTER_ID_SOURCES[0];
  const id = read('AWS_CLUSTER_ID', dimensionValue);
  const bucket = read('STATE_BUCKET', bucketName);
  const key = read('STATE_KEY', objectKey);
  const stateEncryption = read('STATE_ENCRYPTION', encryption);
  const subnetMetrics = read('SUBNET_METRICS', yesOrNo) ?? false;
  const ids = read('SUBNET_IDS', subnetIds);
  const pods = read('PODS', oneOf(PODS)) ?? 'aws-node';
  const scrapeVia = read('SCRAPE_VIA', oneOf(SCRAPE_WAYS)) ?? SCRAPE_WAYS[0];
  const cidrs = read('NODE_CIDRS', nodeCidrs);
  const concurrency =
    read('SCRAPE_CONCURRENCY', wholeNumber(SCRAPE_CONCURRENCY)) ?? SCRAPE_CONCURRENCY.default;

  if (!isSet('CLUSTER_NAME')) conflict('CLUSTER_NAME is missing: it takes the name of the EKS cluster');
  if (isSet('CLUSTER_ENDPOINT') !== isSet('CLUSTER_CA'))
    conflict('CLUSTER_ENDPOINT and CLUSTER_CA go together: set both, or neither to ask EKS');
  if (isSet('AWS_CLUSTER_ID') && idFrom === 'ec2-tags')
    conflict('AWS_CLUSTER_ID and CLUSTER_ID_FROM=ec2-tags exclude each other: remove one');
  for (const name of ['STATE_KEY', 'STATE_ENCRYPTION'] as const)
    if (isSet(name) && !isSet('STATE_BUCKET')) conflict(`${name} needs STATE_BUCKET`);
  if (isSet('SUBNET_IDS') && !subnetMetrics) conflict('SUBNET_IDS needs SUBNET_METRICS=true');
  if (pods === 'none' && !subnetMetrics)
    conflict('PODS=none needs SUBNET_METRICS=true: nothing else is left to publish');
  if (isSet('NODE_CIDRS') && scrapeVia !== 'node') conflict('NODE_CIDRS needs SCRAPE_VIA=node');
  if (scrapeVia === 'node' && concurrency > MAX_DIRECT_CONCURRENCY)
    conflict(`SCRAPE_VIA=node takes a SCRAPE_CONCURRENCY of ${MAX_DIRECT_CONCURRENCY} at the most`);

  const config = {
    clusterName: name ?? '',
    endpoint: url && ca ? { url, ca } : undefined,
    clusterId: idFrom === 'ec2-tags' ? { from: idFrom } : { value: id ?? name ?? '' },
    namespace: read('METRICS_NAMESPACE', matching(NAMESPACE)) ?? DEFAULT_NAMESPACE,
    publish: read('USE_CLOUDWATCH', yesOrNo) ?? true,
    pods,
    scrape: {
      timeoutMs: read('SCRAPE_TIMEOUT_MS', wholeNumber(SCRAPE_TIMEOUT_MS)) ?? SCRAPE_TIMEOUT_MS.default,
      concurrency,
    },
    scrapeVia,
    nodeCidrs: cidrs,
    state: bucket
      ? { bucket, key: key ?? defaultStateKey(name ?? ''), encryption: stateEncryption }
      : undefined,
    subnets: subnetMetrics ? { ids: ids ?? [] } : undefined,
    logLevel: read('LOG_LEVEL', oneOf(LOG_LEVELS)) ?? 'info',
  } satisfies Config;

  if (faults.length > 0)
    throw new CollectorError('config-invalid', faults.join('; '), {
      remedy: `Correct the variables named. Those that exist: ${VARIABLES.join(', ')}.`,
    });
  return config;
}
