import { X509Certificate } from 'node:crypto';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import {
  CLUSTER_ID_SOURCES,
  CLUSTER_NAME,
  DEFAULT_NAMESPACE,
  DIMENSION_VALUE,
  defaultStateKey,
  type Format,
  LOG_LEVELS,
  type LogLevel,
  MOST_DIRECT_CONCURRENCY,
  NAMESPACE,
  NODE_CIDR,
  PODS,
  S3_MANAGED_KEYS,
  SCRAPE_CONCURRENCY,
  SCRAPE_TIMEOUT_MS,
  SCRAPE_WAYS,
  type ScrapeWay,
  SUBNET_ID,
  VARIABLES,
  type Variable,
} from './contract.ts';
import { quoted } from './domain/evidence.ts';
import { CollectorError } from './errors.ts';

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

class Refused extends Error {}

/** A variable's value, or a sentence on what it accepts. */
type Parse<T> = (value: string) => T;

const matching =
  ({ pattern, accepts }: Format): Parse<string> =>
  (value) => {
    if (!pattern.test(value)) throw new Refused(accepts);
    return value;
  };

const oneOf =
  <const T extends string>(values: readonly T[]): Parse<T> =>
  (value) => {
    const found = values.find((candidate) => candidate === value.toLowerCase());
    if (found === undefined) throw new Refused(values.join(', '));
    return found;
  };

const yesOrNo: Parse<boolean> = (value) => {
  const spelling = oneOf(['yes', 'true', 'no', 'false'])(value);
  return spelling === 'yes' || spelling === 'true';
};

const wholeNumber =
  ({ least, most }: { least: number; most: number }): Parse<number> =>
  (value) => {
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) throw new Refused(`a whole number from ${least} to ${most}`);
    return number;
  };

const httpsUrl: Parse<URL> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search || url.hash || url.username)
    throw new Refused('the https:// URL of the API server, without a path');
  return url;
};

const certificates: Parse<string> = (value) => {
  const accepts = 'certificateAuthority.data of the cluster: PEM certificates in base64';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value.replaceAll(/\s+/g, ''))) throw new Refused(accepts);
  const pem = Buffer.from(value, 'base64').toString('latin1');
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new Refused(`${accepts} (${cause instanceof Error ? cause.message : cause})`);
  }
  return pem;
};

const listOf =
  ({ pattern }: Format, accepts: string): Parse<readonly string[]> =>
  (value) => {
    const items = value.split(',').map((item) => item.trim());
    if (!items.every((item) => pattern.test(item))) throw new Refused(accepts);
    return items;
  };

const subnetIds = listOf(SUBNET_ID, 'subnet ids with commas between them (subnet-0a1b2c3d,subnet-4e5f6a7b)');

const nodeCidrs = listOf(NODE_CIDR, 'IPv4 CIDR blocks with commas between them (10.0.0.0/16,100.64.0.0/16)');

const dimensionValue = matching({
  pattern: DIMENSION_VALUE,
  accepts: '1 to 1,024 printable ASCII characters that do not start with a colon',
});
/** S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = matching({
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  accepts: 'the name of an S3 bucket',
});
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html */
const encryption = matching({
  pattern: /^(AES256|arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)\/[\w/-]+)$/,
  accepts: `${S3_MANAGED_KEYS}, or the ARN of a KMS key`,
});
const objectKey = matching({
  pattern: /^[^/].{0,899}$/,
  accepts: 'an S3 key of 900 characters at most that does not start with /',
});

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
      if (value.trim() === '') throw new Refused('a value, or no such variable at all');
      return parse(value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
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
  if (scrapeVia === 'node' && concurrency > MOST_DIRECT_CONCURRENCY)
    conflict(`SCRAPE_VIA=node takes a SCRAPE_CONCURRENCY of ${MOST_DIRECT_CONCURRENCY} at the most`);

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
