import type { AlarmDefinition } from './definition.ts';
import { OPTIONAL_ALARMS } from './optional.ts';

export type { AlarmDefinition } from './definition.ts';

/**
 * All alarms. Critical: pods are harmed or will be within two hours, or nobody is watching. Warning: it can wait for the
 * morning. Whether a condition lasts is judged by the collector, node by node, so that one threshold fits every size.
 */
export const ALARMS = {
  nodesRefusingPods: {
    title: 'nodes refuse pods',
    severity: 'critical',
    impact: 'Pods stay in ContainerCreating because their node has had no address to give for five minutes.',
    look: 'The warning nodes-refusing-pods in the latest log line of the collector names the nodes.',
    runbook: 'pods-refused-an-address',
    signal: { metric: 'nodesRefusingPods', statistic: 'Maximum' },
    comparison: '>',
    threshold: 0,
    timing: { cycles: 1 },
    missingData: 'ignore',
  },
  subnetEmptySoon: {
    title: 'a subnet is empty within two hours',
    severity: 'critical',
    impact:
      'Then its nodes start no more pods than their warm addresses allow, and no new nodes start in it.',
    look: 'Free addresses per subnet, and what grew: pods, nodes, warm pools or other users of the subnet.',
    runbook: 'worst-subnet',
    signal: { metric: 'subnetHoursToExhaustion', statistic: 'Maximum' },
    comparison: '<',
    threshold: 2,
    timing: { minutes: 10, window: 1, holds: 60 },
    missingData: 'ignore',
    needs: 'subnetMetrics',
  },
  heartbeat: {
    title: 'nothing published',
    severity: 'critical',
    impact: 'Nobody watches the addresses of this cluster: all other alarms are blind.',
    look: "The collector's log and its Errors and Throttles; then its schedule.",
    runbook: 'heartbeat',
    signal: { publicationsOf: 'awsNodePods' },
    comparison: '<',
    threshold: 1,
    timing: { cycles: 3 },
    missingData: 'breaching',
  },
  nothingRead: {
    title: 'no node can be read',
    severity: 'critical',
    impact: 'Nobody watches the addresses of this cluster: fewer than one node in a hundred is in the sums.',
    look: 'The failures in the latest log line of the collector; most often a security group or a network policy.',
    runbook: 'coverage',
    signal: { ratio: 'coverage' },
    comparison: '<',
    threshold: 1,
    timing: { minutes: 5, window: 5 },
    missingData: 'ignore',
  },
  nodesUnread: {
    title: 'nodes unread',
    severity: 'warning',
    impact:
      'Sums have lacked these nodes for five minutes: other graphs understate, and a full node may hide.',
    look: 'The warning nodes-unread and the failures in the latest log line of the collector name pods and causes.',
    runbook: 'coverage',
    // Where no node at all is read, nothingRead says so: a division by 0 has no value.
    signal: {
      math: 'unread * read / read',
      of: {
        unread: { metric: 'nodesUnread', statistic: 'Maximum' },
        read: { metric: 'scrapedPods', statistic: 'Maximum' },
      },
    },
    comparison: '>',
    threshold: 0,
    timing: { cycles: 1 },
    missingData: 'ignore',
  },
  nodesRestarting: {
    title: 'ipamd restarts again and again',
    severity: 'warning',
    impact: 'While ipamd is down its node starts no pod.',
    look: 'The warning nodes-restarting in the latest log line of the collector names the nodes.',
    runbook: 'ipamd-restarts',
    signal: { metric: 'nodesRestarting', statistic: 'Maximum' },
    comparison: '>',
    threshold: 0,
    timing: { cycles: 1 },
    missingData: 'ignore',
  },
  subnetEmptyTomorrow: {
    title: 'a subnet is empty within a day',
    severity: 'warning',
    impact: 'Nothing yet; when the subnet is empty its nodes start no more pods.',
    look: 'Free addresses per subnet, and what grew: pods, nodes, warm pools or other users of the subnet.',
    runbook: 'worst-subnet',
    signal: { metric: 'subnetHoursToExhaustion', statistic: 'Maximum' },
    comparison: '<',
    threshold: 24,
    timing: { minutes: 15, window: 1, holds: 720 },
    missingData: 'ignore',
    needs: 'subnetMetrics',
  },
  subnetExhausted: {
    title: 'EC2 out of addresses',
    severity: 'warning',
    impact: 'Nodes cannot get more addresses: what is warm now is all that new pods will find.',
    look: 'Free addresses per subnet; free addresses without a free /28 block refuse prefixes too.',
    runbook: 'ec2-out-of-addresses',
    signal: {
      // Errors per node and hour, as if there were ten nodes more: few errors of a small cluster are no rate.
      math: '4 * refused / (nodes + 10)',
      of: {
        refused: { metric: 'insufficientIPErr', statistic: 'Sum' },
        nodes: { metric: 'scrapedPods', statistic: 'Average' },
      },
    },
    comparison: '>',
    threshold: 0.5,
    timing: { minutes: 15, window: 15 },
    missingData: 'ignore',
  },
  awsApiErrors: {
    title: 'AWS API errors persist',
    severity: 'warning',
    impact: 'EC2 refuses or throttles ipamd; pools cannot grow while it lasts.',
    look: 'CloudTrail for the errors of the node role; latency and call rate on the dashboard.',
    runbook: 'aws-api-errors',
    signal: {
      // Errors per node and hour, as if there were ten nodes more: few errors of a small cluster are no rate.
      math: '4 * (errors - refused) / (nodes + 10)',
      of: {
        errors: { metric: 'awsAPIErr', statistic: 'Sum' },
        refused: { metric: 'insufficientIPErr', statistic: 'Sum' },
        nodes: { metric: 'scrapedPods', statistic: 'Average' },
      },
    },
    comparison: '>',
    threshold: 3,
    timing: { minutes: 15, window: 15 },
    missingData: 'ignore',
  },
  functionErrors: {
    title: 'collector fails',
    severity: 'warning',
    impact: 'Cycles fail: metrics are missing, or they lack nodes.',
    look: "The collector's log: the error's code and its remedy.",
    runbook: 'function-errors',
    signal: { function: 'Errors' },
    comparison: '>',
    threshold: 0,
    timing: { cycles: 3, breaching: 2 },
    missingData: 'notBreaching',
  },
  functionThrottles: {
    title: 'collector throttled',
    severity: 'warning',
    impact: 'Cycles are skipped: graphs have gaps, and alarms see less.',
    look: "The account's concurrency quota, and the function's reserved concurrency.",
    runbook: 'function-throttles',
    signal: { function: 'Throttles' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 5, window: 5 },
    missingData: 'notBreaching',
  },
  functionSlow: {
    title: 'collector near its timeout',
    severity: 'warning',
    impact: 'If cycles get any slower, nodes will be left unread and then whole cycles lost.',
    look: 'collectDuration beside the number of nodes; memory of the function; nodes that time out.',
    runbook: 'function-duration',
    signal: { function: 'Duration' },
    comparison: '>',
    threshold: 80,
    timing: { cycles: 3, breaching: 2 },
    missingData: 'notBreaching',
  },
  deadLetters: {
    title: 'ticks in the dead-letter queue',
    severity: 'warning',
    impact: 'The schedule could not hand over ticks: cycles are missing.',
    look: 'The messages: their attributes ERROR_CODE and ERROR_MESSAGE say why.',
    runbook: 'dead-letters',
    signal: { queue: 'ApproximateNumberOfMessagesVisible' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 5, window: 5 },
    missingData: 'notBreaching',
    needs: 'deadLetterQueue',
  },
  ...OPTIONAL_ALARMS,
} as const satisfies Readonly<Record<string, AlarmDefinition>>;

export type AlarmId = keyof typeof ALARMS;

export const ALARM_IDS: readonly AlarmId[] = Object.keys(ALARMS).filter((id): id is AlarmId => id in ALARMS);
