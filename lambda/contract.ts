/** What the deployment, the local cluster and the tests may know of the function. */

/** As AWS's cni-metrics-helper has it, so that dashboards built on it go on working. */
export const DEFAULT_NAMESPACE = 'Kubernetes';
export const CLUSTER_DIMENSION = 'CLUSTER_ID';
export const SUBNET_DIMENSION = 'SUBNET_ID';

/** Where the aws-node DaemonSet of the Amazon VPC CNI lives. */
export const POD_NAMESPACE = 'kube-system';
export const POD_LABEL_SELECTOR = 'k8s-app=aws-node';
export const METRICS_PORT = 61678;

/** The group that the RoleBinding of infra/rbac.yaml gives its rights to. */
export const READER_GROUP = 'cni-metrics-reader';

/** Every environment variable the function reads, besides those of the AWS SDK and of Lambda itself. */
export const VARIABLES = [
  'CLUSTER_NAME',
  'CLUSTER_ENDPOINT',
  'CLUSTER_CA',
  'AWS_CLUSTER_ID',
  'CLUSTER_ID_FROM',
  'METRICS_NAMESPACE',
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
 * How Node runs the function. Answers pass through quickly, so a small young generation holds them: a cycle of
 * 5,000 pods peaks at some 180 MB instead of 240 at the same speed.
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-semi-space-sizesize-in-mib
 */
export const NODE_OPTIONS = '--max-semi-space-size=4';

/**
 * `message` of the one line the function logs for each cycle: the report as a JSON object, its fields at the top
 * level, `fullest` (node, assigned, total, percent) among them. Written to stdout as it is: under Lambda's JSON
 * log format console.log would put the whole object below a `message` of its own.
 */
export const CYCLE_MESSAGE = 'cycle';
