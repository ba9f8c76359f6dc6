/**
 * Every metric this project publishes: where it comes from, how pods combine, its unit, what it means.
 * Decoder, fold, dashboard, alarms and the tables of the documents all read this list; a name exists nowhere else.
 *
 * Families are told apart by name, never by their `# TYPE` line: several changed type between CNI versions
 * (awscni_add_ip_req_count and others: gauge up to 1.18.6 and in 1.19.2, counter in 1.19.0 and from 1.19.5).
 * Names of the first block are those of AWS's cni-metrics-helper v1.23.1.
 */

export type Unit = 'Count' | 'Percent' | 'Milliseconds';

/** Which of a family's series count: those whose `label` has, or has not, one of `values`. */
export interface Selection {
  readonly label: string;
  readonly is: 'one-of' | 'none-of';
  readonly values: readonly string[];
}

interface Row {
  readonly name: string;
  readonly unit: Unit;
  readonly meaning: string;
}

/** A value of the moment, summed over the pods that were read. */
interface GaugeRow extends Row {
  readonly kind: 'gauge';
  readonly family: string;
  /** A family with labels exposes nothing until its first event, so its absence means 0, not unknown. */
  readonly labels: readonly string[];
}

/** A running total of each ipamd process; published as the events since the last published cycle. */
interface CounterRow extends Row {
  readonly kind: 'counter';
  readonly family: string;
  readonly labels: readonly string[];
  readonly select?: Selection;
}

/** What the collector works out or observes itself. */
interface DerivedRow extends Row {
  readonly kind: 'latency' | 'distribution' | 'derived' | 'collector' | 'subnet';
}

const gauge = (name: string, family: string, labels: readonly string[], meaning: string) =>
  ({ kind: 'gauge', name, family, labels, unit: 'Count', meaning }) as const satisfies GaugeRow;

const counter = <Name extends string>(
  name: Name,
  family: string,
  labels: readonly string[],
  meaning: string,
  select?: Selection,
): CounterRow & { readonly name: Name } => ({
  kind: 'counter',
  name,
  family,
  labels,
  unit: 'Count',
  meaning,
  ...(select && { select }),
});

export const GAUGES = [
  gauge('assignIPAddresses', 'awscni_assigned_ip_addresses', [], 'addresses in use by pods'),
  gauge('totalIPAddresses', 'awscni_total_ip_addresses', [], 'addresses the nodes hold, in use or warm'),
  gauge('totalIPv4Prefixes', 'awscni_total_ipv4_prefixes', [], '/28 prefixes the nodes hold'),
  gauge(
    'totalAssignedIPv4sPerCidr',
    'awscni_assigned_ip_per_cidr',
    ['cidr'],
    'addresses in use, summed over CIDRs',
  ),
  gauge('eniAllocated', 'awscni_eni_allocated', [], 'network interfaces attached'),
  gauge('eniMaxAvailable', 'awscni_eni_max', [], 'network interfaces the instance types allow'),
  gauge(
    'maxIPAddresses',
    'awscni_ip_max',
    [],
    'addresses the instance types allow, whatever the subnets hold',
  ),
  gauge('ipamdActionInProgress', 'awscni_ipamd_action_inprogress', ['fn'], 'ipamd actions under way'),
] as const;

/** Reasons of EC2 that mean: this subnet has no address (or no /28 block) left. */
const OUT_OF_ADDRESSES = ['InsufficientFreeAddressesInSubnet', 'InsufficientCidrBlocks'];

export const COUNTERS = [
  counter('awsAPIErr', 'awscni_aws_api_error_count', ['api', 'error'], 'AWS API calls of ipamd that failed'),
  counter(
    'awsUtilErr',
    'awscni_aws_utils_error_count',
    ['fn', 'error'],
    'errors inside the AWS utilities of ipamd',
  ),
  counter('ipamdErr', 'awscni_ipamd_error_count', ['fn'], 'errors of ipamd'),
  counter('forceRemoveENI', 'awscni_force_removed_enis', [], 'interfaces removed while pods used them'),
  counter('forceRemoveIPs', 'awscni_force_removed_ips', [], 'addresses removed while pods used them'),
  counter('reconcileCount', 'awscni_reconcile_count', ['fn'], 'reconciliations of interfaces and addresses'),
  counter('addReqCount', 'awscni_add_ip_req_count', [], 'requests for an address for a pod'),
  counter('delReqCount', 'awscni_del_ip_req_count', ['reason'], 'requests to give an address back'),
  counter(
    'podENIErr',
    'awscni_pod_eni_error_count',
    ['fn'],
    'errors with interfaces of pods (security groups for pods)',
  ),
  counter('ec2ApiReqCount', 'awscni_ec2api_req_count', ['fn'], 'EC2 API calls of ipamd'),
  counter('ec2ApiErrCount', 'awscni_ec2api_error_count', ['fn'], 'EC2 API calls of ipamd that failed'),
  counter('noAvailableIPAddresses', 'awscni_no_available_ip_addresses', [], 'pods refused an address'),
  counter(
    'delReqErr',
    'awscni_del_ip_req_count',
    ['reason'],
    'requests to give an address back for another reason than a deleted pod',
    {
      label: 'reason',
      is: 'none-of',
      values: ['PodDeleted'],
    },
  ),
  counter(
    'insufficientIPErr',
    'awscni_aws_api_error_count',
    ['api', 'error'],
    'calls EC2 refused for want of addresses in the subnet',
    {
      label: 'error',
      is: 'one-of',
      values: OUT_OF_ADDRESSES,
    },
  ),
] as const;

/** The summary of AWS API latencies; since CNI 1.8 without quantiles. */
export const LATENCY = {
  kind: 'latency',
  name: 'awsAPILatency',
  family: 'awscni_aws_api_latency_ms',
  unit: 'Milliseconds',
  meaning: 'latency of the AWS API calls of ipamd; Maximum is the worst mean of a node and API',
} as const satisfies DerivedRow & { family: string };

/** Tells one ipamd process from its successor. */
export const START_TIME_FAMILY = 'process_start_time_seconds';

const derived = <Kind extends DerivedRow['kind'], Name extends string>(
  kind: Kind,
  name: Name,
  unit: Unit,
  meaning: string,
) => ({ kind, name, unit, meaning }) as const satisfies DerivedRow;

export const WARM = derived(
  'derived',
  'warmIPAddresses',
  'Count',
  'addresses held and free, ready for the next pod',
);
export const WITHOUT_WARM = derived(
  'derived',
  'nodesWithoutWarmIPs',
  'Count',
  'nodes with no free address at hand',
);
export const UTILIZATION = derived(
  'distribution',
  'nodeIPUtilization',
  'Percent',
  'addresses in use of those held, a value a node',
);
export const RESTARTS = derived('derived', 'ipamdRestarts', 'Count', 'nodes whose ipamd restarted');
export const PODS_FOUND = derived('collector', 'awsNodePods', 'Count', 'aws-node pods found');
export const PODS_READ = derived(
  'collector',
  'scrapedPods',
  'Count',
  'aws-node pods read: the coverage of all sums',
);
export const PODS_FAILED = derived('collector', 'failedPods', 'Count', 'aws-node pods not read');
export const DURATION = derived('collector', 'collectDuration', 'Milliseconds', 'time from start to publish');
export const SUBNET_FREE = derived('subnet', 'subnetAvailableIPs', 'Count', 'free addresses of a subnet');
export const SUBNET_FREE_MIN = derived(
  'derived',
  'subnetAvailableIPsMin',
  'Count',
  'free addresses of the fullest subnet',
);
export const SUBNET_FREE_PERCENT_MIN = derived(
  'derived',
  'subnetAvailablePercentMin',
  'Percent',
  'free share of usable addresses, worst subnet',
);

/** All metrics, in the order in which tables show them. */
export const CATALOGUE = [
  ...GAUGES,
  ...COUNTERS,
  LATENCY,
  WARM,
  WITHOUT_WARM,
  UTILIZATION,
  RESTARTS,
  PODS_FOUND,
  PODS_READ,
  PODS_FAILED,
  DURATION,
  SUBNET_FREE,
  SUBNET_FREE_MIN,
  SUBNET_FREE_PERCENT_MIN,
] as const;

export type MetricName = (typeof CATALOGUE)[number]['name'];
