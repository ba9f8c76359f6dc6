import {
  type CLUSTER_ID_SOURCES,
  DEFAULT_NAMESPACE,
  type LogLevel,
  type PODS,
  SCRAPE_WAYS,
  type ScrapeWay,
  type Variable,
} from '../lambda/contract.ts';
import type { Endpoint } from './vpc-endpoints.ts';

/** What a user may set of the collector; named as the function's environment variables. */
export interface Settings {
  /** Minutes between two cycles, 1 to 60. @default 1 */
  readonly METRIC_UPDATE_INTERVAL?: number | undefined;
  /** CloudWatch namespace. @default 'Kubernetes', as AWS's cni-metrics-helper */
  readonly METRICS_NAMESPACE?: string | undefined;
  /** Value of the dimension CLUSTER_ID. @default - see CLUSTER_ID_FROM */
  readonly AWS_CLUSTER_ID?: string | undefined;
  /** Where the value of the dimension CLUSTER_ID comes from; `ec2-tags` permits ec2:DescribeInstances. @default 'cluster-name' */
  readonly CLUSTER_ID_FROM?: (typeof CLUSTER_ID_SOURCES)[number] | undefined;
  /** `false`: do everything except publishing; the function then has no permission to publish. @default true */
  readonly USE_CLOUDWATCH?: boolean | undefined;
  /** `none` for a cluster without aws-node pods: only subnets are watched. @default 'aws-node' */
  readonly PODS?: (typeof PODS)[number] | undefined;
  /**
   * `node`: the function reads each node's metrics at its address, not through the API server; with another manifest
   * (rbac-node.yaml) and other rules of security groups. IPv4 clusters only. @default 'api-server'
   */
  readonly SCRAPE_VIA?: ScrapeWay | undefined;
  /** With SCRAPE_VIA=node: the CIDR blocks of the nodes; other addresses are not connected to. @default - any */
  readonly NODE_CIDRS?: readonly string[] | undefined;
  /** Milliseconds for each pod. @default 3000 */
  readonly SCRAPE_TIMEOUT_MS?: number | undefined;
  /** Pods that are read at the same time. @default 100 */
  readonly SCRAPE_CONCURRENCY?: number | undefined;
  /** Key of the state in its bucket. @default 'cni-metrics/<cluster>.json.gz' */
  readonly STATE_KEY?: string | undefined;
  /**
   * Publish the free addresses of the subnets, and report who holds the others; permits ec2:DescribeSubnets,
   * ec2:DescribeNetworkInterfaces and ec2:GetSubnetCidrReservations. @default false
   */
  readonly SUBNET_METRICS?: boolean | undefined;
  /** Subnets to watch besides those of the cluster. @default - none */
  readonly SUBNET_IDS?: readonly string[] | undefined;
  /** @default 'info' */
  readonly LOG_LEVEL?: LogLevel | undefined;
}

export const DEFAULT_INTERVAL_MINUTES = 1;

export const scrapeViaOf = (settings: Settings): ScrapeWay => settings.SCRAPE_VIA ?? SCRAPE_WAYS[0];

export function namespaceOf(settings: Settings): string {
  return settings.METRICS_NAMESPACE ?? DEFAULT_NAMESPACE;
}

/**
 * The value of the dimension CLUSTER_ID that dashboard and alarms use; undefined where only the function finds it out,
 * or where nothing is published.
 */
export function clusterIdOf(settings: Settings, clusterName: string): string | undefined {
  if (settings.USE_CLOUDWATCH === false || settings.CLUSTER_ID_FROM === 'ec2-tags') return undefined;
  return settings.AWS_CLUSTER_ID ?? clusterName;
}

/** The EC2 calls that these settings make the function send. */
export function ec2Actions(settings: Settings): readonly string[] {
  return [
    ...(settings.CLUSTER_ID_FROM === 'ec2-tags' ? ['ec2:DescribeInstances'] : []),
    ...(settings.SUBNET_METRICS
      ? ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:GetSubnetCidrReservations']
      : []),
  ];
}

/** The AWS services that the function calls, by the names of their endpoints. */
export const callsOf = (
  settings: Settings,
  { endpoint }: { endpoint?: string | undefined },
): readonly Endpoint[] => [
  's3',
  ...(settings.USE_CLOUDWATCH === false ? [] : ['monitoring' as const]),
  ...(endpoint === undefined ? ['eks' as const] : []),
  ...(ec2Actions(settings).length > 0 ? ['ec2' as const] : []),
];

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
