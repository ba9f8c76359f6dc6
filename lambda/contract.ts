/** What the deployment, the local cluster and the tests may know about the function. */

/** The same as AWS's cni-metrics-helper uses, so that dashboards built for it keep working. */
export const DEFAULT_NAMESPACE = 'Kubernetes';
export const CLUSTER_DIMENSION = 'CLUSTER_ID';
export const SUBNET_DIMENSION = 'SUBNET_ID';

/** Where the aws-node DaemonSet of the Amazon VPC CNI lives. */
export const POD_NAMESPACE = 'kube-system';
export const POD_LABEL_SELECTOR = 'k8s-app=aws-node';
export const METRICS_PORT = 61678;

/** The group that the RoleBinding of infra/rbac.yaml grants its rights to. */
export const READER_GROUP = 'cni-metrics-reader';

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
  'SCRAPE_TIMEOUT_MS',
  'SCRAPE_CONCURRENCY',
  'STATE_BUCKET',
  'STATE_KEY',
  'SUBNET_METRICS',
  'SUBNET_IDS',
  'LOG_LEVEL',
] as const;

export type Variable = (typeof VARIABLES)[number];

export { CATALOGUE, type MetricName } from './domain/catalogue.ts';

/**
 * `NODE_OPTIONS` of a function with so much memory in MB. Answers pass through quickly, so a small young generation
 * holds them. The old one gets three quarters, which leaves the rest to Node itself and to buffers; the limit also
 * tells V8 how much garbage may accumulate. Lambda's start script sets its own only if neither is set here:
 * https://dev.to/wonderfulsoap/deep-dive-into-aws-lambda-3-official-nodejs-runtime-analysis-43je
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-old-space-sizesize-in-mib
 */
export const nodeOptions = (memoryMb: number): string =>
  `--max-semi-space-size=4 --max-old-space-size=${Math.floor(0.75 * memoryMb)}`;

/**
 * `message` of the one line the function logs for each cycle: the report as a JSON object, its fields at the top
 * level, `fullest` (node, assigned, total, percent) among them. Written to stdout as it is: under Lambda's JSON
 * log format console.log would put the whole object below a `message` of its own.
 */
export const CYCLE_MESSAGE = 'cycle';
