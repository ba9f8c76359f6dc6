import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CYCLE_MESSAGE } from '../../lambda/contract.ts';
import type { ClusterMetrics } from './cluster-metrics.ts';
import { counted, graph, HALF, heading, logTable, QUARTER } from './widgets.ts';

/** Who holds the addresses of each subnet, from the log line of each cycle: series for each subnet and holder would be paid for. */
const HOLDERS_QUERY: readonly string[] = [
  'fields jsonParse(@message) as line',
  `filter line.message = "${CYCLE_MESSAGE}"`,
  'unnest line.addresses.subnets into row',
  'fields row.subnet as subnet, row.cidr as cidr, row.nodes as held, row.prefixes as prefixes, jsonStringify(row.clusters) as clusters, jsonStringify(row.others) as others, row.leaked as leakedIPs, row.free as freeIPs, row.freePrefixes as blocks, row.reservedFreePrefixes as reserved',
  'stats latest(held) as ownNodes, latest(prefixes) as ownPrefixes, latest(clusters) as otherClusters, latest(others) as everythingElse, latest(leakedIPs) as leaked, latest(freeIPs) as free, latest(blocks) as freeBlocks, latest(reserved) as freeReservedBlocks, max(@timestamp) as listed by subnet, cidr',
  'sort listed desc, free asc',
  'limit 50',
];

/** Whose the addresses are, and what is left in whole blocks; needs SUBNET_METRICS. */
export function holdingsRows(cluster: ClusterMetrics, logGroup: ILogGroup, minutes: number): IWidget[][] {
  return [
    [heading('Where are my addresses')],
    [
      graph({
        title: 'Free /28 blocks of the subnet with the fewest, where nodes hold prefixes',
        width: HALF,
        axis: counted('blocks'),
        lines: [cluster.metric('subnetFreePrefixesMin', 'Minimum', minutes, 'free blocks')],
      }),
      graph({
        title: 'Fragmented subnets: free addresses, no free /28 block',
        width: QUARTER,
        axis: counted('subnets'),
        lines: [cluster.metric('subnetsWithoutFreePrefixes', 'Maximum', minutes, 'subnets')],
      }),
      graph({
        title: 'Addresses of leaked interfaces',
        width: QUARTER,
        axis: counted('addresses'),
        lines: [cluster.metric('subnetLeakedIPs', 'Maximum', minutes, 'addresses')],
      }),
    ],
    [logTable('Who holds the addresses of each subnet', logGroup, HOLDERS_QUERY)],
  ];
}
