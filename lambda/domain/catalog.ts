import { counter, type DerivedRow, derived, gauge } from './catalog-rows.ts';

/**
 * Every metric this project publishes: where it comes from, how pods combine, its unit, what it means.
 * Decoder, fold, dashboard, alarms and the tables of the documents all read this list; no name is written elsewhere.
 *
 * Families are recognized by name, never by their `# TYPE` line: several changed type between CNI versions
 * (awscni_add_ip_req_count and others: gauge up to 1.18.6 and in 1.19.2, counter in 1.19.0 and from 1.19.5).
 * The names of the first block are those of AWS's cni-metrics-helper; the families are those of CNI 1.4 to 1.23.2.
 */

export const GAUGES = [
  gauge('assignIPAddresses', 'awscni_assigned_ip_addresses', [], 'addresses in use by pods'),
  gauge('totalIPAddresses', 'awscni_total_ip_addresses', [], 'addresses the nodes hold, in use or warm'),
  gauge('totalIPv4Prefixes', 'awscni_total_ipv4_prefixes', [], '/28 prefixes the nodes hold'),
  gauge(
    'totalAssignedIPv4sPerCidr',
    'awscni_assigned_ip_per_cidr',
    ['cidr'],
    'addresses in use, summed over CIDRs',
    { since: '1.9.0', formerly: 'awscni_assigned_ip_per_ipv4cidr' },
  ),
  gauge('eniAllocated', 'awscni_eni_allocated', [], 'network interfaces attached'),
  gauge('eniMaxAvailable', 'awscni_eni_max', [], 'network interfaces the instance types allow'),
  gauge(
    'maxIPAddresses',
    'awscni_ip_max',
    [],
    'addresses the instance types allow, whatever the subnets hold',
  ),
  gauge('ipamdActionInProgress', 'awscni_ipamd_action_inprogress', ['fn'], 'ipamd actions in progress'),
] as const;

export type GaugeName = (typeof GAUGES)[number]['name'];

/** The position of a metric in GAUGES. */
export const gaugeAt = (name: GaugeName): number => GAUGES.findIndex((gauge) => gauge.name === name);

/** Error codes of EC2 that mean: this subnet has no address (or no /28 block) left. */
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
  counter('delReqCount', 'awscni_del_ip_req_count', ['reason'], 'requests to release an address'),
  counter(
    'podENIErr',
    'awscni_pod_eni_error_count',
    ['fn'],
    'errors with interfaces of pods (security groups for pods)',
    { since: '1.7.0' },
  ),
  counter('ec2ApiReqCount', 'awscni_ec2api_req_count', ['fn'], 'EC2 API calls of ipamd', { since: '1.12.1' }),
  counter('ec2ApiErrCount', 'awscni_ec2api_error_count', ['fn'], 'EC2 API calls of ipamd that failed', {
    since: '1.12.1',
  }),
  counter('noAvailableIPAddresses', 'awscni_no_available_ip_addresses', [], 'pods refused an address'),
  counter(
    'delReqErr',
    'awscni_del_ip_req_count',
    ['reason'],
    'requests to release an address for another reason than a deleted pod',
    { select: { label: 'reason', is: 'none-of', values: ['PodDeleted'] } },
  ),
  counter(
    'insufficientIPErr',
    'awscni_aws_api_error_count',
    ['api', 'error'],
    'calls that EC2 refused because the subnet has no free addresses',
    { select: { label: 'error', is: 'one-of', values: OUT_OF_ADDRESSES } },
  ),
  counter(
    'sagemakerApiReqCount',
    'awscni_sagemakerapi_req_count',
    ['fn'],
    'SageMaker API calls of ipamd (HyperPod nodes only)',
    { onlyIfExposed: true },
  ),
  counter(
    'sagemakerApiErrCount',
    'awscni_sagemakerapi_error_count',
    ['fn'],
    'SageMaker API calls of ipamd that failed (HyperPod nodes only)',
    { onlyIfExposed: true },
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

/**
 * Values of the label `api` that are no calls to an AWS API: reads of the instance metadata service, which take a
 * millisecond and outnumber all others, and the loop in which ipamd waits for an interface, which takes seconds.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/pkg/awsutils/awsutils.go
 */
export const NOT_API_CALLS: ReadonlySet<string> = new Set(['GetMetadata', 'waitForENIAndIPsAttached']);

/** Distinguishes an ipamd process from its successor. */
export const START_TIME_FAMILY = 'process_start_time_seconds';

export const WARM = derived(
  'derived',
  'warmIPAddresses',
  'free addresses that the nodes hold, ready for the next pod',
);
export const WITHOUT_WARM = derived('derived', 'nodesWithoutWarmIPs', 'nodes without a free address');
export const UTILIZATION = derived(
  'distribution',
  'nodeIPUtilization',
  'share of held addresses in use, as a distribution over the nodes',
  'Percent',
);
export const RESTARTS = derived('derived', 'ipamdRestarts', 'nodes whose ipamd restarted');
export const PODS_FOUND = derived('collector', 'awsNodePods', 'aws-node pods found');
export const PODS_READ = derived(
  'collector',
  'scrapedPods',
  'aws-node pods read, of those found: the coverage of all sums',
);
export const PODS_FAILED = derived('collector', 'failedPods', 'aws-node pods not read');
export const DURATION = derived('collector', 'collectDuration', 'time from start to publish', 'Milliseconds');
export const NODES_UNREAD = derived(
  'collector',
  'nodesUnread',
  'nodes not read for five minutes and two cycles at least',
);
export const NODES_REFUSING = derived(
  'collector',
  'nodesRefusingPods',
  'nodes that refused pods an address for five minutes and two cycles at least',
);
export const NODES_RESTARTING = derived(
  'collector',
  'nodesRestarting',
  'nodes whose ipamd restarted three times in half an hour',
);
export const SUBNET_FREE = derived('subnet', 'subnetAvailableIPs', 'free addresses of a subnet');
export const SUBNET_FREE_MIN = derived(
  'derived',
  'subnetAvailableIPsMin',
  'free addresses of the fullest subnet',
);
export const SUBNET_FREE_PERCENT_MIN = derived(
  'derived',
  'subnetAvailablePercentMin',
  'free share of usable addresses, worst subnet',
  'Percent',
);
export const SUBNET_FREE_PREFIXES_MIN = derived(
  'derived',
  'subnetFreePrefixesMin',
  'free /28 blocks of the subnet with the fewest, of those from which nodes hold prefixes',
);
export const SUBNETS_WITHOUT_FREE_PREFIXES = derived(
  'derived',
  'subnetsWithoutFreePrefixes',
  'of these subnets, those with 16 free addresses or more, but no free /28 block: fragmented',
);
export const SUBNET_LEAKED = derived(
  'derived',
  'subnetLeakedIPs',
  'addresses of interfaces that ipamd created and that nothing has used for two hours',
);

export const SUBNET_HOURS = derived(
  'derived',
  'subnetHoursToExhaustion',
  'hours until a subnet has no free address if it continues as it does, the worst subnet; 720 at most',
);

/** All metrics, in the order in which tables show them. */
export const CATALOG = [
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
  NODES_UNREAD,
  NODES_REFUSING,
  NODES_RESTARTING,
  SUBNET_FREE,
  SUBNET_FREE_MIN,
  SUBNET_FREE_PERCENT_MIN,
  SUBNET_HOURS,
  SUBNET_FREE_PREFIXES_MIN,
  SUBNETS_WITHOUT_FREE_PREFIXES,
  SUBNET_LEAKED,
] as const;

export type MetricName = (typeof CATALOG)[number]['name'];
