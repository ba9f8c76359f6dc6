import { CYCLE_MESSAGE } from '../../lambda/contract.ts';

/**
 * The nodes nearest exhaustion, from the collector's own log line of each cycle, so that no metric per node is
 * paid for. Sorted by when a node was last listed, so that the first ten are the latest cycle's; then implausible nodes, as in the
 * report, and the others by their share.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Unnest.html
 */
export const FULL_NODES_QUERY: readonly string[] = [
  'fields jsonParse(@message) as line',
  `filter line.message = "${CYCLE_MESSAGE}"`,
  'unnest line.fullest into full',
  'fields full.node as node, full.percent as percent, full.assigned as assigned, full.total as total, isPresent(full.implausible) as implausible',
  'stats latest(percent) as percentInUse, latest(assigned) as addressesInUse, latest(total) as addressesHeld, latest(implausible) as isImplausible, max(@timestamp) as listed by node',
  'sort listed desc, isImplausible desc, percentInUse desc',
  'limit 10',
];
