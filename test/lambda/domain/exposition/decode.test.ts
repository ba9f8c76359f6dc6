import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { LATENCY } from '../../../../lambda/domain/catalog.ts';
import { decode } from '../../../../lambda/domain/exposition/decode.ts';
import { reading } from '../../../support/reading.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Families with labels that an answer without any sign of its age may not have. */
const LACKS_UNLESS_SHOWN = [
  'awscni_assigned_ip_per_cidr',
  'awscni_pod_eni_error_count',
  'awscni_ec2api_req_count',
  'awscni_ec2api_error_count',
];

/** A summary without quantiles shows CNI 1.8 at least. */
const LACKS_SINCE_1_8 = LACKS_UNLESS_SHOWN.toSpliced(1, 1);

/** What is read of an answer that shows nothing of the age of its CNI. */
const ageless: typeof reading = (parts) => reading({ lacks: LACKS_UNLESS_SHOWN, ...parts });

const decodeText = (text: string) => decode(new TextEncoder().encode(text));

const OLD = `# HELP awscni_add_ip_req_count requests
# TYPE awscni_add_ip_req_count counter
awscni_add_ip_req_count 41
# TYPE awscni_assigned_ip_addresses gauge
awscni_assigned_ip_addresses 3
# TYPE awscni_aws_api_error_count counter
awscni_aws_api_error_count{api="DeleteNetworkInterface",error="InvalidParameterValue"} 14
# TYPE awscni_aws_api_latency_ms summary
awscni_aws_api_latency_ms{api="CreateTags",error="false",quantile="0.5"} NaN
awscni_aws_api_latency_ms{api="CreateTags",error="false",quantile="0.9"} NaN
awscni_aws_api_latency_ms{api="CreateTags",error="false",quantile="0.99"} NaN
awscni_aws_api_latency_ms_sum{api="CreateTags",error="false"} 1123
awscni_aws_api_latency_ms_count{api="CreateTags",error="false"} 10
awscni_aws_api_latency_ms{api="CreateTags",error="true",quantile="0.99"} 250
awscni_aws_api_latency_ms_sum{api="CreateTags",error="true"} 500
awscni_aws_api_latency_ms_count{api="CreateTags",error="true"} 2
awscni_aws_api_latency_ms{api="GetMetadata",error="false",quantile="0.5"} 1
awscni_aws_api_latency_ms{api="GetMetadata",error="false",quantile="0.9"} 2
awscni_aws_api_latency_ms{api="GetMetadata",error="false",quantile="0.99"} 3
awscni_aws_api_latency_ms_sum{api="GetMetadata",error="false"} 4384
awscni_aws_api_latency_ms_count{api="GetMetadata",error="false"} 82716
awscni_aws_api_latency_ms{api="GetMetadata",error="true",quantile="0.5"} 1
awscni_aws_api_latency_ms{api="GetMetadata",error="true",quantile="0.9"} 5
awscni_aws_api_latency_ms{api="GetMetadata",error="true",quantile="0.99"} 7.5
awscni_aws_api_latency_ms_sum{api="GetMetadata",error="true"} 16
awscni_aws_api_latency_ms_count{api="GetMetadata",error="true"} 4
# TYPE awscni_del_ip_req_count counter
awscni_del_ip_req_count{reason="PodDeleted"} 106
awscni_del_ip_req_count{reason="SetupNSFailed"} 2
# TYPE awscni_eni_allocated gauge
awscni_eni_allocated 2
# TYPE awscni_eni_max gauge
awscni_eni_max 3
# TYPE awscni_ip_max gauge
awscni_ip_max 15
# TYPE awscni_ipamd_action_inprogress gauge
awscni_ipamd_action_inprogress{fn="decreaseIPPool"} 0
awscni_ipamd_action_inprogress{fn="nodeInit"} 1
# TYPE awscni_total_ip_addresses gauge
awscni_total_ip_addresses 10
# TYPE go_memstats_alloc_bytes gauge
go_memstats_alloc_bytes 7.710456e+06
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.5550271644e+09
`;

const RECENT = `# TYPE awscni_add_ip_req_count counter
awscni_add_ip_req_count 1.892442e+06
# TYPE awscni_assigned_ip_addresses gauge
awscni_assigned_ip_addresses 3
# TYPE awscni_assigned_ip_per_cidr gauge
awscni_assigned_ip_per_cidr{cidr="10.0.12.10/32"} 1
awscni_assigned_ip_per_cidr{cidr="10.0.12.7/32"} 1
awscni_assigned_ip_per_cidr{cidr="10.0.13.0/28"} 5
# TYPE awscni_assigned_ip_per_eni gauge
awscni_assigned_ip_per_eni{eni="eni-0a1b2c3d4e5f60718"} 3
# TYPE awscni_aws_api_error_count counter
awscni_aws_api_error_count{api="AssignPrivateIpAddresses",error="InsufficientCidrBlocks"} 5
awscni_aws_api_error_count{api="AssignPrivateIpAddresses",error="InsufficientFreeAddressesInSubnet"} 7
awscni_aws_api_error_count{api="CreateTags",error="RequestLimitExceeded"} 11
# TYPE awscni_aws_api_latency_ms summary
awscni_aws_api_latency_ms_sum{api="AssignPrivateIpAddresses",error="false",status="200"} 1.5e+06
awscni_aws_api_latency_ms_count{api="AssignPrivateIpAddresses",error="false",status="200"} 5000
awscni_aws_api_latency_ms_sum{api="AssignPrivateIpAddresses",error="true",status="400"} 900
awscni_aws_api_latency_ms_count{api="AssignPrivateIpAddresses",error="true",status="400"} 12
awscni_aws_api_latency_ms_sum{api="GetMetadata",error="false",status="200"} 80
awscni_aws_api_latency_ms_count{api="GetMetadata",error="false",status="200"} 400
# TYPE awscni_aws_utils_error_count counter
awscni_aws_utils_error_count{error="x",fn="FindFirstENI"} 1
awscni_aws_utils_error_count{error="y",fn="FindFirstENI"} 2
# TYPE awscni_build_info gauge
awscni_build_info{goversion="go1.25.1",version="v1.21.1"} 1
# TYPE awscni_del_ip_req_count counter
awscni_del_ip_req_count{reason="CgroupV2"} 4
awscni_del_ip_req_count{reason="PodDeleted"} 90
awscni_del_ip_req_count{reason="SetupNSFailed"} 6
# TYPE awscni_ec2api_error_count counter
awscni_ec2api_error_count{fn="AttachNetworkInterface"} 3
# TYPE awscni_ec2api_req_count counter
awscni_ec2api_req_count{fn="AttachNetworkInterface"} 30
awscni_ec2api_req_count{fn="CreateTags"} 70
# TYPE awscni_eni_allocated gauge
awscni_eni_allocated 2
# TYPE awscni_eni_max gauge
awscni_eni_max 4
# TYPE awscni_force_removed_enis counter
awscni_force_removed_enis 0
# TYPE awscni_force_removed_ips counter
awscni_force_removed_ips 1
# TYPE awscni_ip_max gauge
awscni_ip_max 58
# TYPE awscni_ipamd_error_count counter
awscni_ipamd_error_count{fn="increaseIPPool"} 8
# TYPE awscni_ipamd_startup_duration_seconds histogram
awscni_ipamd_startup_duration_seconds_bucket{failure_reason="",success="true",with_api_server="true",le="+Inf"} 1
awscni_ipamd_startup_duration_seconds_sum{failure_reason="",success="true",with_api_server="true"} 1.25
# TYPE awscni_no_available_ip_addresses counter
awscni_no_available_ip_addresses 9
# TYPE awscni_pod_eni_error_count counter
awscni_pod_eni_error_count{fn="detach"} 2
# TYPE awscni_reconcile_count counter
awscni_reconcile_count{fn="eniIPPoolReconcileAdd"} 33
# TYPE awscni_total_ip_addresses gauge
awscni_total_ip_addresses 28
# TYPE awscni_total_ipv4_prefixes gauge
awscni_total_ipv4_prefixes 1
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.76324455678e+09
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 5849
`;

test.each([
  {
    what: 'a CNI before 1.8, whose summary has quantiles: the highest 0.99 of an API that is a number, without reads of metadata',
    text: OLD,
    read: ageless({
      startTime: 1555027164.4,
      gauges: {
        assignIPAddresses: 3,
        totalIPAddresses: 10,
        eniAllocated: 2,
        eniMaxAvailable: 3,
        maxIPAddresses: 15,
        ipamdActionInProgress: 1,
      },
      counters: { addReqCount: 41, awsAPIErr: 14, delReqCount: 108, delReqErr: 2 },
      latencies: [{ api: 'CreateTags', count: 12, sum: 1623, p99: 250 }],
    }),
  },
  {
    what: 'a recent CNI: every family of the catalog, and families of no interest',
    text: RECENT,
    read: reading({
      startTime: 1763244556.78,
      facts: { version: 'v1.21.1', enis: 1, inUseOnEnis: 3, startupSeconds: 1.25 },
      gauges: {
        assignIPAddresses: 3,
        totalIPAddresses: 28,
        totalIPv4Prefixes: 1,
        totalAssignedIPv4sPerCidr: 7,
        eniAllocated: 2,
        eniMaxAvailable: 4,
        maxIPAddresses: 58,
      },
      counters: {
        awsAPIErr: 23,
        awsUtilErr: 3,
        ipamdErr: 8,
        forceRemoveENI: 0,
        forceRemoveIPs: 1,
        reconcileCount: 33,
        addReqCount: 1892442,
        delReqCount: 100,
        podENIErr: 2,
        ec2ApiReqCount: 100,
        ec2ApiErrCount: 3,
        noAvailableIPAddresses: 9,
        delReqErr: 10,
        insufficientIPErr: 12,
      },
      latencies: [{ api: 'AssignPrivateIpAddresses', count: 5012, sum: 1500900 }],
    }),
  },
  {
    what: 'a node right after its start: nothing labeled has happened yet',
    text: 'awscni_assigned_ip_addresses 0\nawscni_total_ip_addresses 0\nawscni_add_ip_req_count 0\n',
    read: ageless({
      gauges: { assignIPAddresses: 0, totalIPAddresses: 0 },
      counters: { addReqCount: 0 },
    }),
  },
  {
    what: 'the answer as before, whatever the types say',
    text: '# TYPE awscni_add_ip_req_count gauge\nawscni_add_ip_req_count 5\n# TYPE awscni_eni_max nonsense\nawscni_eni_max 4',
    read: ageless({ gauges: { eniMaxAvailable: 4 }, counters: { addReqCount: 5 } }),
  },
  {
    what: 'carriage returns, blank lines, blanks and tabs, a last comma, timestamps, no last line feed',
    text: [
      '\r\n  \t\r\nawscni_eni_max\t \t4 1763244556789\r',
      ' \tawscni_ip_max 58 -1 \r',
      'awscni_ipamd_error_count {\tfn = "a" , } 3\t\r',
      'awscni_ipamd_error_count{ fn="b"}5 +7',
      'awscni_eni_allocated{} 2',
    ].join('\n'),
    read: ageless({
      gauges: { eniMaxAvailable: 4, maxIPAddresses: 58, eniAllocated: 2 },
      counters: { ipamdErr: 8 },
    }),
  },
  {
    what: 'values in every form of a decimal number',
    text: [
      ...[
        '1',
        '+1',
        '1.',
        '1.0',
        '.1e1',
        '0.01e2',
        '1e0',
        '1E+0',
        '10e-1',
        '00001',
        '1000000000000000000e-18',
      ].map((value, fn) => `awscni_ipamd_error_count{fn="${fn}"} ${value}`),
      'awscni_total_ip_addresses 2.81474976710656e+14',
      'awscni_ip_max 1000000',
      'awscni_assigned_ip_addresses 5.0',
    ].join('\n'),
    read: ageless({
      gauges: { totalIPAddresses: 2 ** 48, maxIPAddresses: 1_000_000, assignIPAddresses: 5 },
      counters: { ipamdErr: 11 },
    }),
  },
  {
    what: 'samples that are not finite: their families are unknown, and named',
    text: [
      'awscni_eni_max NaN',
      'awscni_ip_max Inf',
      'awscni_ipamd_error_count{fn="a"} +Inf',
      'awscni_ipamd_error_count{fn="b"} 2',
      'awscni_ipamd_error_count{fn="c"} -infinity',
      'awscni_del_ip_req_count{reason="Error"} 5',
      'awscni_del_ip_req_count{reason="PodDeleted"} NaN',
      'process_start_time_seconds nan',
      'awscni_aws_api_latency_ms{api="x",quantile="0.99"} NaN',
      'awscni_aws_api_latency_ms_sum{api="x"} NaN',
      'awscni_aws_api_latency_ms_count{api="x"} 3',
      'awscni_aws_api_latency_ms_sum{api="x",error="true"} 10',
      'awscni_aws_api_latency_ms_count{api="x",error="true"} 1',
      'awscni_aws_api_latency_ms_sum{api="y"} 30',
      'awscni_aws_api_latency_ms_count{api="y"} 3',
      'awscni_aws_api_latency_ms_sum{api="z"} 10',
      'awscni_aws_api_latency_ms_count{api="z"} 1',
      'awscni_aws_api_latency_ms_sum{api="z",error="true"} 20',
      'awscni_aws_api_latency_ms_count{api="z",error="true"} +Inf',
    ].join('\n'),
    read: ageless({
      gauges: { eniMaxAvailable: Infinity, maxIPAddresses: Infinity },
      counters: { ipamdErr: Infinity, delReqCount: Infinity, delReqErr: 5 },
      latencies: [{ api: 'y', count: 3, sum: 30 }],
      invalid: [
        'awscni_aws_api_latency_ms_count',
        'awscni_aws_api_latency_ms_sum',
        'awscni_del_ip_req_count',
        'awscni_eni_max',
        'awscni_ip_max',
        'awscni_ipamd_error_count',
        'process_start_time_seconds',
      ].map((family) => ({ family, why: 'not-finite' })),
    }),
  },
  {
    what: 'values that ipamd cannot have: their families are unknown, and what else the node says stands',
    text: [
      'awscni_assigned_ip_addresses 7',
      'awscni_total_ip_addresses 5e-324',
      'awscni_eni_allocated -1',
      'awscni_eni_max 9007199254740994',
      'awscni_ip_max 1000001',
      'awscni_ipamd_action_inprogress{fn="a"} 1',
      'awscni_ipamd_action_inprogress{fn="b"} 0.5',
      'awscni_add_ip_req_count 12',
      'awscni_force_removed_enis -1000000',
      'awscni_force_removed_ips 1000000000001',
      'awscni_ipamd_error_count{fn="a"} 999999999999',
      'awscni_ipamd_error_count{fn="b"} 2',
      'awscni_aws_api_error_count{api="x",error="InsufficientCidrBlocks"} 3',
      'awscni_aws_api_error_count{api="x",error="Other"} 1e300',
      'awscni_aws_api_latency_ms_sum{api="x"} 0.25',
      'awscni_aws_api_latency_ms_count{api="x"} 3',
      'awscni_aws_api_latency_ms_sum{api="y"} 30',
      'awscni_aws_api_latency_ms_count{api="y"} 3',
      'awscni_aws_api_latency_ms{api="y",quantile="0.99"} -5',
      'awscni_assigned_ip_per_eni{eni="a"} -1',
      'awscni_assigned_ip_per_eni{eni="b"} 5',
      'process_start_time_seconds -5',
    ].join('\n'),
    read: ageless({
      gauges: {
        assignIPAddresses: 7,
        totalIPAddresses: Infinity,
        eniAllocated: Infinity,
        eniMaxAvailable: Infinity,
        maxIPAddresses: Infinity,
        ipamdActionInProgress: Infinity,
      },
      counters: {
        addReqCount: 12,
        forceRemoveENI: Infinity,
        forceRemoveIPs: Infinity,
        ipamdErr: Infinity,
        awsAPIErr: Infinity,
        insufficientIPErr: 3,
      },
      latencies: [{ api: 'y', count: 3, sum: 30 }],
      facts: { enis: NaN, inUseOnEnis: 5 },
      invalid: [
        'awscni_assigned_ip_per_eni',
        'awscni_aws_api_error_count',
        'awscni_aws_api_latency_ms_sum',
        'awscni_eni_allocated',
        'awscni_eni_max',
        'awscni_force_removed_enis',
        'awscni_force_removed_ips',
        'awscni_ip_max',
        'awscni_ipamd_action_inprogress',
        'awscni_ipamd_error_count',
        'awscni_total_ip_addresses',
        'process_start_time_seconds',
      ].map((family) => ({ family, why: 'invalid-value' })),
    }),
  },
  {
    what: 'CNI 1.23.2 on a HyperPod node: requests to SageMaker, and the facts of ipamd',
    text: [
      'awscni_assigned_ip_addresses 12',
      'awscni_assigned_ip_per_eni{eni="eni-0a"} 5',
      'awscni_assigned_ip_per_eni{eni="eni-0b"} 4',
      'awscni_assigned_ip_per_eni{eni="eni-0c"} 3',
      'awscni_build_info{goversion="go1.25.1",version="v1.23.2"} 1',
      'awscni_connmark_reconcile_total{result="error"} 2',
      'awscni_connmark_reconcile_total{result="success"} 12',
      'awscni_ipamd_node_initialization_duration_seconds_sum{success="false"} 30.5',
      'awscni_ipamd_node_initialization_duration_seconds_sum{success="true"} 1.352816',
      'awscni_ipamd_startup_duration_seconds_bucket{failure_reason="",success="true",with_api_server="true",le="+Inf"} 1',
      'awscni_ipamd_startup_duration_seconds_sum{failure_reason="",success="true",with_api_server="true"} 3.017244',
      'awscni_ipamd_startup_duration_seconds_count{failure_reason="",success="true",with_api_server="true"} 1',
      'awscni_ipamd_startup_duration_seconds_count{failure_reason="api_server_connectivity",success="false",with_api_server="true"} 1',
      'awscni_ipamd_startup_duration_seconds_count{failure_reason="node_initialization",success="false",with_api_server="true"} 0',
      'awscni_sagemakerapi_error_count{fn="AttachClusterNodeNetworkInterface"} 4',
      'awscni_sagemakerapi_req_count{fn="AttachClusterNodeNetworkInterface"} 7',
    ].join('\n'),
    read: reading({
      gauges: { assignIPAddresses: 12 },
      counters: { sagemakerApiReqCount: 7, sagemakerApiErrCount: 4 },
      facts: {
        version: 'v1.23.2',
        enis: 3,
        inUseOnEnis: 12,
        connmarkErrors: 2,
        startupFailures: ['api_server_connectivity'],
        startupSeconds: 3.017244,
        nodeInitSeconds: 30.5,
      },
    }),
  },
  {
    what: 'a version and a reason that are no plain words: unknown',
    text: [
      'awscni_eni_max 4',
      'awscni_build_info{version="v1.23.2\u009b31m"} 1',
      `awscni_ipamd_startup_duration_seconds_count{failure_reason="${'x'.repeat(65)}"} 1`,
    ].join('\n'),
    read: ageless({ gauges: { eniMaxAvailable: 4 } }),
  },
  {
    what: 'label values with braces, commas, quotes, backslashes, line feeds and letters beyond ASCII',
    text: [
      'awscni_aws_api_latency_ms_sum{api="a{b},\\"c\\"=\\\\d\\ne",error="ü}"} 5',
      'awscni_aws_api_latency_ms_count{error="ü}",api="a{b},\\"c\\"=\\\\d\\ne"} 1',
      'awscni_aws_api_latency_ms_sum{api="Straße 漢字"} 7',
      'awscni_aws_api_latency_ms_count{api="Straße 漢字"} 2',
    ].join('\n'),
    read: reading({
      lacks: LACKS_SINCE_1_8,
      latencies: [
        { api: 'a{b},"c"=\\d\ne', count: 1, sum: 5 },
        { api: 'Straße 漢字', count: 2, sum: 7 },
      ],
    }),
  },
  {
    what: 'series that lie as close as series can: each counts for itself',
    text: [
      'awscni_aws_utils_error_count{fn="a",error="b"} 1',
      'awscni_aws_utils_error_count{fn="a,error=b"} 10',
      'awscni_aws_utils_error_count{fn="a\\",error=\\"b"} 100',
      'awscni_aws_utils_error_count{error="a",fn="b"} 1000',
      'awscni_aws_utils_error_count{fn=""} 10000',
      'awscni_aws_utils_error_count 100000',
    ].join('\n'),
    read: ageless({ counters: { awsUtilErr: 111111 } }),
  },
  {
    what: 'a series without the label of a selection: counted in the whole only',
    text: [
      'awscni_del_ip_req_count 3',
      'awscni_del_ip_req_count{cause="SetupNSFailed"} 4',
      'awscni_aws_api_error_count{api="InsufficientCidrBlocks"} 5',
    ].join('\n'),
    read: ageless({ counters: { delReqCount: 7, awsAPIErr: 5 } }),
  },
  {
    what: 'only deleted pods: no other reason is known, which is not the same as none',
    text: 'awscni_del_ip_req_count{reason="PodDeleted"} 3\n',
    read: ageless({ counters: { delReqCount: 3 } }),
  },
  {
    what: 'a sum without its count, and the other way round: no latency',
    text: 'awscni_eni_max 1\nawscni_aws_api_latency_ms_sum{api="x"} 3\nawscni_aws_api_latency_ms_count{api="y"} 3\n',
    read: reading({ lacks: LACKS_SINCE_1_8, gauges: { eniMaxAvailable: 1 } }),
  },
  {
    what: 'the highest quantile 0.99 of an API, wherever its label stands; no other quantile, and none without a label',
    text: [
      'awscni_aws_api_latency_ms{api="x",quantile="0.99"} 9',
      'awscni_aws_api_latency_ms{quantile="0.99",api="x",error="false"} 5',
      'awscni_aws_api_latency_ms{api="x",error="true",quantile="0.99"} 4',
      'awscni_aws_api_latency_ms{api="x",quantile="0.999"} 99',
      'awscni_aws_api_latency_ms{api="x",quantile="0.9"} 99',
      'awscni_aws_api_latency_ms{api="x"} 99',
      'awscni_aws_api_latency_ms{api="x",percentile="0.99"} 99',
      'awscni_aws_api_latency_ms_sum{api="x"} 3',
      'awscni_aws_api_latency_ms_count{api="x"} 2',
    ].join('\n'),
    read: ageless({ latencies: [{ api: 'x', count: 2, sum: 3, p99: 9 }] }),
  },
  {
    what: 'latencies without an API: an API without a name',
    text: 'awscni_aws_api_latency_ms_sum 3\nawscni_aws_api_latency_ms_count 2\n',
    read: reading({ lacks: LACKS_SINCE_1_8, latencies: [{ api: '', count: 2, sum: 3 }] }),
  },
  {
    what: 'names that begin like those of the catalog, and lines of other families in any form',
    text: [
      'awscni_eni_maximum 99',
      'awscni_eni_max_total{x="y"} 99',
      'awscni_eni_max:rate 99',
      'awscni_aws_api_latency_ms_bucket{le="1"} 99',
      'awscni_en',
      'process_start_time_seconds_total 99',
      'go_info{version="',
      'up one two three',
      ':rule{ 1',
      '#',
      '# EOFs',
      'awscni_eni_max 4',
    ].join('\n'),
    read: ageless({ gauges: { eniMaxAvailable: 4 } }),
  },
  {
    what: 'the end mark of OpenMetrics, and nothing but blanks behind it',
    text: 'awscni_eni_max 4\n# EOF\r\n \t\n\r\n',
    read: ageless({ gauges: { eniMaxAvailable: 4 } }),
  },
  {
    what: 'a start time with labels: not that of the process',
    text: 'awscni_eni_max 4\nprocess_start_time_seconds{of="another"} 1\nprocess_start_time_seconds 2\n',
    read: ageless({ gauges: { eniMaxAvailable: 4 }, startTime: 2 }),
  },
])('reads $what', ({ text, read }) => {
  expect(decodeText(text)).toEqual(read);
});

describe('a family with labels that is not exposed is lacking', () => {
  const [PER_CIDR = '', POD_ENI = '', ...EC2] = LACKS_UNLESS_SHOWN;
  const build = (version: string) => `awscni_build_info{goversion="go1.19",version="${version}"} 1\n`;
  const LATENCY_1_8 = `${LATENCY.family}_sum{api="x"} 3\n${LATENCY.family}_count{api="x"} 1\n`;

  test.each([
    ['without any sign of age', '', [PER_CIDR, POD_ENI, ...EC2]],
    [
      'before 1.8: a summary with quantiles',
      `${LATENCY.family}{api="x",quantile="0.99"} 3\n${LATENCY_1_8}`,
      [PER_CIDR, POD_ENI, ...EC2],
    ],
    ['in 1.8: a summary without quantiles', LATENCY_1_8, [PER_CIDR, ...EC2]],
    ['in 1.9: prefixes, no version', 'awscni_total_ipv4_prefixes 0\n', EC2],
    ['in 1.12.0', build('v1.12.0'), EC2],
    ['in 1.12.1', build('v1.12.1-eksbuild.1'), []],
    ['in 1.15.1: pods refused an address, no version', 'awscni_no_available_ip_addresses 0\n', []],
    ['in a fork that counts its own versions', `${build('v0.3.0')}awscni_no_available_ip_addresses 0\n`, []],
    ['in a build without a version', `${build('')}awscni_total_ipv4_prefixes 0\n`, EC2],
    [
      'but not if it is exposed all the same',
      'awscni_ec2api_req_count{fn="x"} 3\n',
      [PER_CIDR, POD_ENI, EC2[1]],
    ],
  ])('%s', (_, text, lacks) => {
    expect(decodeText(`awscni_eni_max 4\n${text}`).lacks).toEqual(lacks);
  });

  test('CNI 1.9 calls addresses in use by CIDR by another name', () => {
    const text = 'awscni_assigned_ip_per_ipv4cidr{cidr="10.0.0.0/28"} 5\nawscni_total_ipv4_prefixes 1\n';
    expect(decodeText(text)).toEqual(
      reading({ gauges: { totalAssignedIPv4sPerCidr: 5, totalIPv4Prefixes: 1 }, lacks: EC2 }),
    );
  });
});

test('APIs are distinguished even if their names have the same hash, in one answer and across answers', () => {
  const apis = (...names: string[]) =>
    decodeText(
      names
        .map((api) => `${LATENCY.family}_sum{api="${api}"} 1\n${LATENCY.family}_count{api="${api}"} 1\n`)
        .join(''),
    ).latencies.map(({ api }) => api);
  expect(apis('Aa', 'BB')).toEqual(['Aa', 'BB']);
  expect(apis('BB', 'C#')).toEqual(['BB', 'C#']);
  // More than are remembered from one answer to the next.
  for (let round = 0; round < 50; round += 1) {
    const many = Array.from({ length: 64 }, (_, index) => `api-${round}-${index}`).sort();
    expect(apis(...many)).toEqual(many);
    expect(apis(...many)).toEqual(many);
  }
});

test('APIs beyond 64, and names longer than 64 bytes, count together', () => {
  const lines = (api: string, count: number) =>
    `${LATENCY.family}_sum{api="${api}"} ${10 * count}\n${LATENCY.family}_count{api="${api}"} ${count}\n`;
  const names = Array.from({ length: 20_000 }, (_, index) => `api-${String(index).padStart(5, '0')}`);
  const { latencies } = decodeText(names.map((api) => lines(api, 1)).join(''));
  expect(latencies.map(({ api }) => api)).toEqual([...names.slice(0, 64), '(other)']);
  expect(latencies.at(-1)).toEqual({ api: '(other)', count: 19_936, sum: 199_360 });
  expect(
    decodeText(lines('A'.repeat(64), 1) + lines('B'.repeat(65), 2) + lines('C'.repeat(10_000), 3)).latencies,
  ).toEqual([
    { api: 'A'.repeat(64), count: 1, sum: 10 },
    { api: '(other)', count: 5, sum: 50 },
  ]);
});

test('names of APIs as long as an answer are forgotten with it', () => {
  const kept = () => {
    collectGarbage();
    // V8 frees buffers on another thread; the next collection waits for it.
    collectGarbage();
    return process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  };
  const answer = (seed: number) =>
    decodeText(
      `${LATENCY.family}_sum{api="${String(seed).padEnd(1e6, 'x')}"} 1\n${LATENCY.family}_count{api="${String(seed).padEnd(1e6, 'x')}"} 1\n`,
    );
  answer(0);
  const before = kept();
  for (let seed = 1; seed <= 40; seed += 1) expect(answer(seed).latencies).toHaveLength(1);
  expect(kept() - before).toBeLessThan(10e6);
});
