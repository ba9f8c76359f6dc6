/**
 * What an aws-node pod of a recent CNI serves at :61678/metrics, made up from a seed: families in the order of
 * their names and series in the order of their labels, as Go's client library writes them. The bulk of a busy
 * node's answer is one series for every address it uses.
 */
export interface AwsNode {
  readonly seed: number;
  /** Addresses in use by pods, some 55 bytes of the answer each. */
  readonly assigned: number;
}

/** A quiet node answers some 12 KB, a full one some 30 KB. */
export const ASSIGNED = { 12: 2, 30: 340 } as const;

const APIS = [
  'AssignPrivateIpAddresses',
  'AttachNetworkInterface',
  'CreateNetworkInterface',
  'CreateTags',
  'DeleteNetworkInterface',
  'DescribeInstances',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DetachNetworkInterface',
  'GetMetadata',
  'ModifyNetworkInterfaceAttribute',
  'UnassignPrivateIpAddresses',
  'waitForENIAndIPsAttached',
];

const GO_GAUGES = [
  ...['gc_gogc_percent', 'gc_gomemlimit_bytes', 'goroutines', 'memstats_alloc_bytes'],
  ...['memstats_buck_hash_sys_bytes', 'memstats_gc_sys_bytes', 'memstats_heap_alloc_bytes'],
  ...['memstats_heap_idle_bytes', 'memstats_heap_inuse_bytes', 'memstats_heap_objects'],
  ...['memstats_heap_released_bytes', 'memstats_heap_sys_bytes', 'memstats_last_gc_time_seconds'],
  ...['memstats_mcache_inuse_bytes', 'memstats_mspan_inuse_bytes', 'memstats_next_gc_bytes'],
  ...['memstats_other_sys_bytes', 'memstats_stack_inuse_bytes', 'memstats_sys_bytes', 'threads'],
];

type Series = readonly [labels: string, value: number];

/** As Go prints a float: an exponent from a million on and below a ten-thousandth. */
export function goNumber(value: number): string {
  const [mantissa, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function family(name: string, type: string, help: string, series: readonly Series[]): string {
  const samples = series.map(([labels, value]) => {
    const suffix = labels.startsWith('_') ? labels : labels && `{${labels}}`;
    return `${name}${suffix} ${goNumber(value)}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`;
}

/** @returns an integer from 0 to `below` - 1, the same sequence for the same seed (mulberry32) */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The answer as the pod sends it. */
export function exposition({ seed, assigned }: AwsNode): string {
  const roll = dice(seed);
  const total = assigned + 1 + roll(15);
  const enis = 1 + Math.floor(assigned / 50);
  const each = (label: string, values: readonly string[], value: () => number): Series[] =>
    values.map((text) => [`${label}="${text}"`, value()]);
  const plain = (name: string, type: string, value: number) =>
    family(name, type, `The ${name.slice(7).replaceAll('_', ' ')} of this node`, [['', value]]);
  const hosts = Array.from({ length: assigned }, (_, host) => host)
    .map((host) => `10.${seed % 256}.${Math.floor(host / 250)}.${4 + (host % 250)}/32`)
    .sort();
  const interfaces = Array.from(
    { length: enis },
    () =>
      `eni-${roll(2 ** 32)
        .toString(16)
        .padStart(17, '0')}`,
  );
  const calls = APIS.flatMap((api) => {
    const failed =
      roll(4) === 0 ? [`api="${api}",error="true",status="${api === 'GetMetadata' ? 404 : 400}"`] : [];
    return [`api="${api}",error="false",status="200"`, ...failed];
  });
  const latencies = calls.flatMap((labels): Series[] => {
    const count = 1 + roll(5_000);
    return [
      [`_sum{${labels}}`, count * (20 + roll(400))],
      [`_count{${labels}}`, count],
    ];
  });
  const startup = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, Infinity].map(
    (le): Series => [
      `_bucket{failure_reason="",success="true",with_api_server="true",le="${goNumber(le)}"}`,
      le < 2 ? 0 : 1,
    ],
  );
  return [
    plain('awscni_add_ip_req_count', 'counter', roll(2_000_000)),
    plain('awscni_assigned_ip_addresses', 'gauge', assigned),
    family(
      'awscni_assigned_ip_per_cidr',
      'gauge',
      'The addresses in use of a CIDR',
      each('cidr', hosts, () => 1),
    ),
    family('awscni_assigned_ip_per_eni', 'gauge', 'The addresses in use of an interface', [
      ...each('eni', interfaces.sort(), () => Math.floor(assigned / enis)),
    ]),
    family('awscni_aws_api_error_count', 'counter', 'The failed calls of AWS APIs', [
      ['api="AssignPrivateIpAddresses",error="InsufficientFreeAddressesInSubnet"', roll(50)],
      ['api="DeleteNetworkInterface",error="InvalidParameterValue"', roll(9)],
    ]),
    family('awscni_aws_api_latency_ms', 'summary', 'The latency of calls of AWS APIs', latencies),
    family('awscni_aws_utils_error_count', 'counter', 'The errors around calls of AWS APIs', [
      ['error="InstanceMetadata",fn="FindFirstENI"', roll(3)],
    ]),
    family('awscni_build_info', 'gauge', 'The build', [['goversion="go1.25.1",version="v1.21.1"', 1]]),
    family('awscni_connmark_reconcile_total', 'counter', 'The reconciliations of connmark', [
      ...each('result', ['error', 'success'], () => roll(900)),
    ]),
    family('awscni_del_ip_req_count', 'counter', 'The addresses given back', [
      ...each('reason', ['PodDeleted', 'SetupNSFailed'], () => roll(900_000)),
    ]),
    family(
      'awscni_ec2api_error_count',
      'counter',
      'The failed calls of EC2',
      each('fn', APIS.slice(0, 2), () => roll(9)),
    ),
    family(
      'awscni_ec2api_req_count',
      'counter',
      'The calls of EC2',
      each('fn', APIS.slice(0, 9), () => roll(5_000)),
    ),
    plain('awscni_eni_allocated', 'gauge', enis),
    plain('awscni_eni_max', 'gauge', 15),
    plain('awscni_force_removed_enis', 'counter', 0),
    plain('awscni_force_removed_ips', 'counter', 0),
    plain('awscni_ip_max', 'gauge', 735),
    family('awscni_ipamd_action_inprogress', 'gauge', 'The actions under way', [
      ...each(
        'fn',
        ['decreaseDatastorePool', 'increaseDatastorePool', 'nodeInit', 'nodeIPPoolReconcile'].sort(),
        () => roll(2),
      ),
    ]),
    family(
      'awscni_ipamd_error_count',
      'counter',
      'The errors',
      each('fn', ['increaseIPPool'], () => roll(20)),
    ),
    family('awscni_ipamd_startup_duration_seconds', 'histogram', 'The time to get ready', startup),
    plain('awscni_no_available_ip_addresses', 'counter', roll(30)),
    family(
      'awscni_pod_eni_error_count',
      'counter',
      'The errors of pod interfaces',
      each('fn', ['detach'], () => roll(4)),
    ),
    family(
      'awscni_reconcile_count',
      'counter',
      'The reconciliations',
      each('fn', ['eniIPPoolReconcileAdd'], () => roll(90)),
    ),
    plain('awscni_total_ip_addresses', 'gauge', total),
    plain('awscni_total_ipv4_prefixes', 'gauge', 0),
    ...['0', '0.25', '0.5', '0.75', '1'].map(
      (quantile) => `go_gc_duration_seconds{quantile="${quantile}"} ${goNumber(roll(9_999) / 1e7)}\n`,
    ),
    ...GO_GAUGES.map((name) =>
      family(`go_${name}`, 'gauge', `The runtime's ${name.replaceAll('_', ' ')}.`, [['', roll(90_000_000)]]),
    ),
    family('process_cpu_seconds_total', 'counter', 'The CPU time in seconds.', [['', roll(900_000) / 100]]),
    family('process_open_fds', 'gauge', 'The open file descriptors.', [['', 10 + roll(20)]]),
    family('process_resident_memory_bytes', 'gauge', 'The resident memory.', [
      ['', 40_000_000 + roll(9_000_000)],
    ]),
    family('process_start_time_seconds', 'gauge', 'The start since the epoch.', [
      ['', 1_763_000_000 + roll(99_999_999) / 100],
    ]),
    family('process_virtual_memory_bytes', 'gauge', 'The virtual memory.', [
      ['', 1_200_000_000 + roll(9_000_000)],
    ]),
    family('promhttp_metric_handler_requests_total', 'counter', 'The scrapes by status.', [
      ...each('code', ['200', '500', '503'], () => roll(9_000)),
    ]),
  ].join('');
}
