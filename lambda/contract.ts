/** What the deployment, the local cluster and the tests may know about the function. */

/** The same as AWS's cni-metrics-helper uses, so that dashboards built for it keep working. */
export const DEFAULT_NAMESPACE = 'Kubernetes';
export const CLUSTER_DIMENSION = 'CLUSTER_ID';
export const SUBNET_DIMENSION = 'SUBNET_ID';

/** What CloudWatch accepts as the value of a dimension.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html */
export const DIMENSION_VALUE = /^(?!:)(?=.*\S)[\x20-\x7e]{1,1024}$/;

/** Namespace, label selector and metrics port of the aws-node DaemonSet of the Amazon VPC CNI. */
export const POD_NAMESPACE = 'kube-system';
export const POD_LABEL_SELECTOR = 'k8s-app=aws-node';
/**
 * A field selector without mirror pods. A node may create these itself, in any number, with any label and of up to 1.5 MB
 * each, but none with a service account, which every pod of a DaemonSet has.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export const NO_MIRROR_PODS = 'spec.serviceAccountName!=';
export const METRICS_PORT = 61678;

/** The group that the RoleBinding of infra/rbac.yaml grants its rights to. */
export const READER_GROUP = 'cni-metrics-reader';
/** The group that the RoleBinding of infra/rbac-node.yaml grants its right to. */
export const LISTER_GROUP = 'cni-metrics-lister';

/** What reads the metrics: the API server's proxy, or the function itself at the nodes' addresses; the first is the default. */
export const SCRAPE_WAYS = ['api-server', 'node'] as const;
export type ScrapeWay = (typeof SCRAPE_WAYS)[number];

/** What each way needs in the cluster: the group of the access entry, and the manifest that grants it its rights. */
export const CLUSTER_ACCESS = {
  'api-server': { group: READER_GROUP, manifest: 'infra/rbac.yaml' },
  node: { group: LISTER_GROUP, manifest: 'infra/rbac-node.yaml' },
} as const satisfies Record<ScrapeWay, { group: string; manifest: string }>;

/** Every environment variable that the function reads, except those of the AWS SDK and of Lambda itself. */
export const VARIABLES = [
  'CLUSTER_NAME',
  'CLUSTER_ENDPOINT',
  'CLUSTER_CA',
  'AWS_CLUSTER_ID',
  'CLUSTER_ID_FROM',
  'METRICS_NAMESPACE',
  'PODS',
  'USE_CLOUDWATCH',
  'SCRAPE_VIA',
  'NODE_CIDRS',
  'SCRAPE_TIMEOUT_MS',
  'SCRAPE_CONCURRENCY',
  'STATE_BUCKET',
  'STATE_KEY',
  'STATE_ENCRYPTION',
  'SUBNET_METRICS',
  'SUBNET_IDS',
  'LOG_LEVEL',
] as const;

export type Variable = (typeof VARIABLES)[number];

export { CATALOG, type MetricName } from './domain/catalog.ts';
export { messageOf } from './domain/error-message.ts';
export { evidence } from './domain/evidence.ts';
export { PARTITIONS, type Partition, partitionOf } from './domain/partitions.ts';
export { printable } from './domain/printable.ts';

/** Milliseconds for each pod. The pod's own server closes a connection after 5 s: a longer limit would buy nothing. */
export const SCRAPE_TIMEOUT_MS = { least: 10, most: 5_000, default: 3_000 } as const;
/** Pods that are read at the same time. */
export const SCRAPE_CONCURRENCY = { least: 1, most: 1_000, default: 100 } as const;

/**
 * With SCRAPE_VIA=node each read takes a socket: with the 250 of pods that do not answer these are at most 500 of the
 * 1,024 file descriptors of a function.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_DIRECT_CONCURRENCY = 250;

/** A block of IPv4 addresses of nodes. */
export const NODE_CIDR: Format = {
  pattern:
    /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}\/(?:[89]|[12]\d|3[0-2])$/,
  accepts: 'an IPv4 CIDR block such as 10.0.0.0/16',
};

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whose addresses are watched: those of nodes, or, in a cluster without aws-node pods, of subnets only. */
export const PODS = ['aws-node', 'none'] as const;

/** Where the value of the dimension CLUSTER_ID comes from; the first is the default. */
export const CLUSTER_ID_SOURCES = ['cluster-name', 'ec2-tags'] as const;

/** What a text setting accepts, as a pattern and in words. */
export interface Format {
  readonly pattern: RegExp;
  readonly accepts: string;
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
export const CLUSTER_NAME: Format = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/,
  accepts: 'the name of an EKS cluster: letters, digits, - and _, 100 at most',
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const NAMESPACE: Format = {
  pattern: /^(?!AWS\/)[0-9A-Za-z._\-/#][0-9A-Za-z._\-/#: ]{0,254}$/,
  accepts: 'a CloudWatch namespace: 255 characters of letters, digits and . _ - / # : at most, not AWS/…',
};

export const SUBNET_ID: Format = {
  pattern: /^subnet-[0-9a-f]{8,17}$/,
  accepts: 'a subnet ID such as subnet-0123456789abcdef0',
};

/** Value of STATE_ENCRYPTION for encryption with keys of S3; the alternative is the ARN of a KMS key. */
export const S3_MANAGED_KEYS = 'AES256';

/** Key of the state in its bucket unless STATE_KEY says otherwise. */
export const defaultStateKey = (clusterName: string): string => `cni-metrics/${clusterName}.json.gz`;

/** Key of what is known about the holders of addresses, beside the state. */
export const holdingsKey = (stateKey: string): string => `${stateKey}.subnets`;

/**
 * `NODE_OPTIONS` of a function with so much memory in MB. Answers pass through quickly, so a small young generation
 * holds them. The old one gets three quarters, which leaves the rest to Node itself and to buffers; the limit also
 * tells V8 how much garbage may accumulate. Lambda's start script sets its own only if neither is set here:
 * https://dev.to/wonderfulsoap/deep-dive-into-aws-lambda-3-official-nodejs-runtime-analysis-43je
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-old-space-sizesize-in-mib
 */
export const nodeOptions = (memoryMb: number): string =>
  `--max-semi-space-size=2 --max-old-space-size=${Math.floor(0.75 * memoryMb)}`;

/**
 * `message` of the one line the function logs for each cycle: the report as a JSON object, its fields at the top
 * level, `fullest` (node, assigned, total, percent) among them. Written to stdout as it is: under Lambda's JSON
 * log format console.log would put the whole object below a `message` of its own.
 */
export const CYCLE_MESSAGE = 'cycle';
