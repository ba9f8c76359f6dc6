/**
 * What an aws-node pod exposes beside the numbers that this simulation moves: of no interest to the collector,
 * but it has to get past it. Name, type, help, then each sample as it follows the name.
 */
type StaticFamily = readonly [name: string, type: string, help: string, ...samples: string[]];

/** What these families say in the collector's terms. */
export const STATIC_FACTS = {
  version: 'v1.23.2',
  connmarkErrors: 0,
  startupFailures: [],
  startupSeconds: 3.017244,
  nodeInitSeconds: 1.352816,
} as const;

const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

/** A histogram's samples after a single observation of `seconds`. */
function observedOnce(labels: string, seconds: number): string[] {
  return [
    ...BUCKETS.map(
      (le) => `_bucket{${labels},le="${le}"} ${seconds <= Number(le.replace('+Inf', 'Infinity')) ? 1 : 0}`,
    ),
    `_sum{${labels}} ${seconds}`,
    `_count{${labels}} 1`,
  ];
}

const memstat = (name: string, type: 'gauge' | 'counter', help: string, value: string): StaticFamily => [
  `go_memstats_${name}`,
  type,
  help,
  ` ${value}`,
];

export const STATIC_FAMILIES: readonly StaticFamily[] = [
  [
    'awscni_build_info',
    'gauge',
    "A metric with a constant '1' value labeled by version, revision, and goversion from which amazon-vpc-cni-k8s was built.",
    '{goversion="go1.24.6",version="v1.23.2"} 1',
  ],
  [
    'awscni_connmark_backend',
    'gauge',
    "The connmark backend in use; the active backend's series is set to 1",
    '{backend="nftables"} 1',
  ],
  [
    'awscni_connmark_reconcile_total',
    'counter',
    'The number of connmark Setup/Cleanup reconciliations by result',
    '{result="error"} 0',
    '{result="success"} 12',
  ],
  [
    'awscni_ipamd_node_initialization_duration_seconds',
    'histogram',
    'The duration of node initialization during IPAMD startup',
    ...observedOnce('success="true"', STATIC_FACTS.nodeInitSeconds),
  ],
  [
    'awscni_ipamd_startup_duration_seconds',
    'histogram',
    'The duration of IPAMD startup from process start to ready to serve CNI requests',
    ...observedOnce('failure_reason="",success="true",with_api_server="true"', STATIC_FACTS.startupSeconds),
  ],
  [
    'go_gc_duration_seconds',
    'summary',
    'A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.',
    '{quantile="0"} 2.8313e-05',
    '{quantile="0.25"} 4.9541e-05',
    '{quantile="0.5"} 6.3928e-05',
    '{quantile="0.75"} 8.7205e-05',
    '{quantile="1"} 0.002361712',
    '_sum 1.041824516',
    '_count 13072',
  ],
  ['go_goroutines', 'gauge', 'Number of goroutines that currently exist.', ' 49'],
  ['go_info', 'gauge', 'Information about the Go environment.', '{version="go1.24.6"} 1'],
  memstat(
    'alloc_bytes',
    'gauge',
    'Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.',
    '1.2774824e+07',
  ),
  memstat(
    'alloc_bytes_total',
    'counter',
    'Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.',
    '3.5918208232e+10',
  ),
  memstat(
    'buck_hash_sys_bytes',
    'gauge',
    'Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.',
    '1.660321e+06',
  ),
  memstat(
    'frees_total',
    'counter',
    'Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.',
    '3.21409217e+08',
  ),
  memstat(
    'gc_sys_bytes',
    'gauge',
    'Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.',
    '4.27664e+06',
  ),
  memstat(
    'heap_alloc_bytes',
    'gauge',
    'Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.',
    '1.2774824e+07',
  ),
  memstat(
    'heap_idle_bytes',
    'gauge',
    'Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.',
    '1.1059200e+07',
  ),
  memstat(
    'heap_inuse_bytes',
    'gauge',
    'Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes',
    '1.7235968e+07',
  ),
  memstat(
    'heap_objects',
    'gauge',
    'Number of currently allocated objects. Equals to /gc/heap/objects:objects.',
    '68204',
  ),
  memstat(
    'heap_released_bytes',
    'gauge',
    'Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.',
    '5.455872e+06',
  ),
  memstat(
    'heap_sys_bytes',
    'gauge',
    'Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.',
    '2.8295168e+07',
  ),
  memstat(
    'last_gc_time_seconds',
    'gauge',
    'Number of seconds since 1970 of last garbage collection.',
    '1.7637312211487854e+09',
  ),
  memstat(
    'mallocs_total',
    'counter',
    'Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.',
    '3.21477421e+08',
  ),
  memstat(
    'mcache_inuse_bytes',
    'gauge',
    'Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.',
    '4832',
  ),
  memstat(
    'mcache_sys_bytes',
    'gauge',
    'Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.',
    '15704',
  ),
  memstat(
    'mspan_inuse_bytes',
    'gauge',
    'Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.',
    '321440',
  ),
  memstat(
    'mspan_sys_bytes',
    'gauge',
    'Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.',
    '407520',
  ),
  memstat(
    'next_gc_bytes',
    'gauge',
    'Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.',
    '2.1093994e+07',
  ),
  memstat(
    'other_sys_bytes',
    'gauge',
    'Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.',
    '1.188895e+06',
  ),
  memstat(
    'stack_inuse_bytes',
    'gauge',
    'Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.',
    '1.06496e+06',
  ),
  memstat(
    'stack_sys_bytes',
    'gauge',
    'Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.',
    '1.06496e+06',
  ),
  memstat(
    'sys_bytes',
    'gauge',
    'Number of bytes obtained from system. Equals to /memory/classes/total:byte.',
    '3.6909336e+07',
  ),
  ['go_threads', 'gauge', 'Number of OS threads created.', ' 12'],
  ['process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', ' 1184.67'],
  ['process_max_fds', 'gauge', 'Maximum number of open file descriptors.', ' 65536'],
  [
    'process_network_receive_bytes_total',
    'counter',
    'Number of bytes received by the process over the network.',
    ' 1.0518317296e+11',
  ],
  [
    'process_network_transmit_bytes_total',
    'counter',
    'Number of bytes sent by the process over the network.',
    ' 6.6270178117e+10',
  ],
  ['process_open_fds', 'gauge', 'Number of open file descriptors.', ' 17'],
  ['process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', ' 7.3613312e+07'],
  ['process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', ' 1.337503744e+09'],
  [
    'process_virtual_memory_max_bytes',
    'gauge',
    'Maximum amount of virtual memory available in bytes.',
    ' 1.8446744073709552e+19',
  ],
  ['promhttp_metric_handler_requests_in_flight', 'gauge', 'Current number of scrapes being served.', ' 1'],
  [
    'promhttp_metric_handler_requests_total',
    'counter',
    'Total number of scrapes by HTTP status code.',
    '{code="200"} 4181',
    '{code="500"} 0',
    '{code="503"} 0',
  ],
];
