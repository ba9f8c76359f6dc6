import { gaugesOf } from './reading.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { STATIC_FAMILIES } from './static-families.ts';

/** A family's lines, each with its line feed. */
type Render = (node: SimulatedNode, gauges: ReturnType<typeof gaugesOf>) => string;

function gauge(name: keyof ReturnType<typeof gaugesOf>, help: string): [string, Render] {
  const head = header(name, 'gauge', help);
  return [name, (_, gauges) => `${head}${name} ${formatNumber(gauges[name])}\n`];
}

function labeled(
  name: string,
  type: 'counter' | 'gauge' | 'summary',
  help: string,
  lines: (node: SimulatedNode) => string[],
): [string, Render] {
  const head = header(name, type, help);
  return [
    name,
    (node) => {
      const samples = lines(node);
      return samples.length === 0 ? '' : `${head}${samples.sort().join('')}`;
    },
  ];
}

function counter(name: string, help: string): [string, Render] {
  return labeled(name, 'counter', help, ({ process }) => {
    const lines: string[] = [];
    for (const [{ family, text }, count] of process.series) {
      if (family === name) lines.push(`${text} ${formatNumber(count)}\n`);
    }
    return lines;
  });
}

function header(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function latencies({ process }: SimulatedNode): string[] {
  const name = 'awscni_aws_api_latency_ms';
  return [...process.latencies.values()].map(
    ({ labels, sum, count }) =>
      `${name}_sum${labels} ${formatNumber(sum)}\n${name}_count${labels} ${formatNumber(count)}\n`,
  );
}

function assignedPerCidr({ pool, mode }: SimulatedNode): string[] {
  if (mode === 'ipv6') return [];
  const line = (cidr: string, assigned: number) =>
    `awscni_assigned_ip_per_cidr{cidr="${cidr}"} ${assigned}\n`;
  const live = pool.enis.flatMap(({ cidrs }) => cidrs.filter(({ exposed }) => exposed));
  return [
    ...Array.from(pool.forgotten, (cidr) => line(cidr, 0)),
    ...live.map(({ text, assigned }) => line(text, assigned)),
  ];
}

/** Families that move, with the help texts of the Amazon VPC CNI v1.20 and later. */
const MOVING: readonly [string, Render][] = [
  counter('awscni_add_ip_req_count', 'The number of add IP address requests'),
  gauge('awscni_assigned_ip_addresses', 'The number of IP addresses assigned to pods'),
  labeled(
    'awscni_assigned_ip_per_cidr',
    'gauge',
    'The total number of IP addresses assigned per cidr',
    assignedPerCidr,
  ),
  labeled(
    'awscni_assigned_ip_per_eni',
    'gauge',
    'The number of allocated ips partitioned by eni',
    ({ pool }) =>
      pool.enis.map(({ id, assigned }) => `awscni_assigned_ip_per_eni{eni="${id}"} ${assigned}\n`),
  ),
  counter('awscni_aws_api_error_count', 'The number of times AWS API returns an error'),
  labeled('awscni_aws_api_latency_ms', 'summary', 'AWS API call latency in ms', latencies),
  counter('awscni_aws_utils_error_count', 'The number of errors not handled in awsutils library'),
  counter('awscni_del_ip_req_count', 'The number of delete IP address requests'),
  counter('awscni_ec2api_error_count', 'The number of failed EC2 APIs requests'),
  counter('awscni_ec2api_req_count', 'The number of requests made to EC2 APIs by CNI'),
  gauge('awscni_eni_allocated', 'The number of ENIs allocated'),
  gauge(
    'awscni_eni_max',
    'The maximum number of ENIs that can be attached to the instance, accounting for unmanaged ENIs',
  ),
  counter('awscni_force_removed_enis', 'The number of ENIs force removed while they had assigned pods'),
  counter('awscni_force_removed_ips', 'The number of IPs force removed while they had assigned pods'),
  gauge('awscni_ip_max', 'The maximum number of IP addresses that can be allocated to the instance'),
  labeled(
    'awscni_ipamd_action_inprogress',
    'gauge',
    'The number of ipamd actions in progress',
    ({ process }) =>
      Array.from(
        process.actions,
        ([fn, running]) => `awscni_ipamd_action_inprogress{fn="${fn}"} ${running}\n`,
      ),
  ),
  counter('awscni_ipamd_error_count', 'The number of errors encountered in ipamd'),
  counter(
    'awscni_no_available_ip_addresses',
    'The number of pod IP assignments that fail due to no available IP addresses',
  ),
  counter('awscni_pod_eni_error_count', 'The number of errors encountered for pod ENIs'),
  counter('awscni_reconcile_count', 'The number of times ipamd reconciles on ENIs and IP/Prefix addresses'),
  gauge('awscni_total_ip_addresses', 'The total number of IP addresses'),
  gauge('awscni_total_ipv4_prefixes', 'The total number of IPv4 prefixes'),
  labeled(
    'process_start_time_seconds',
    'gauge',
    'Start time of the process since unix epoch in seconds.',
    ({ process }) => [`process_start_time_seconds ${formatNumber(process.startTime)}\n`],
  ),
];

/** promhttp writes families in the order of their names. */
const FAMILIES: readonly [string, Render][] = [
  ...MOVING,
  ...STATIC_FAMILIES.map(([name, text]): [string, Render] => [name, () => text]),
].sort(([a], [b]) => (a < b ? -1 : 1));

/** What the node's aws-node pod serves at :61678/metrics. */
export function expositionOf(node: SimulatedNode): string {
  const gauges = gaugesOf(node);
  return FAMILIES.map(([, render]) => render(node, gauges)).join('');
}

/** As Go's client library writes a number: shortest form, with an exponent from 10^6 up. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
