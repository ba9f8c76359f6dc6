import type { MetricName } from '../../lambda/contract.ts';
import type { RatioName, Statistic } from '../dashboard/cluster-metrics.ts';
import type { Timing } from './timing.ts';

/** What an alarm watches. */
export type Signal =
  | { readonly metric: MetricName; readonly statistic: Statistic }
  | { readonly ratio: RatioName }
  /** How often the metric was published; 0, not nothing, when it was not. */
  | { readonly publicationsOf: MetricName }
  | { readonly function: 'Errors' | 'Throttles' }
  /** The longest run, in percent of the function's timeout. */
  | { readonly function: 'Duration' }
  | { readonly queue: 'ApproximateNumberOfMessagesVisible' };

export interface AlarmDefinition {
  readonly title: string;
  readonly severity: 'critical' | 'warning';
  /** What happens to the users of the cluster, or will if nobody acts. */
  readonly impact: string;
  /** What to look at first. */
  readonly look: string;
  /** Heading of docs/runbook.md, as a link has it. */
  readonly runbook: string;
  readonly signal: Signal;
  readonly comparison: '>' | '<' | '<=';
  readonly threshold: number;
  readonly timing: Timing;
  /**
   * What it means that there is no datapoint. `missing` (the state becomes unknown) for what the collector
   * publishes in every cycle: an unknown value is not a good one, and the heartbeat fires.
   */
  readonly missingData: 'breaching' | 'notBreaching' | 'missing';
  /** Off unless it is asked for. */
  readonly off?: true;
  /** Exists only where the deployment has this. */
  readonly needs?: 'subnetMetrics' | 'deadLetterQueue';
}

/** All alarms, the users' harm first, the collector's own last. */
export const ALARMS = {
  podsRefused: {
    title: 'pods refused an address',
    severity: 'critical',
    impact: 'Pods stay in ContainerCreating because their node has no address to give.',
    look: 'Pods with FailedCreatePodSandBox events, then the subnets and the full nodes on the dashboard.',
    runbook: 'pods-refused-an-address',
    signal: { metric: 'noAvailableIPAddresses', statistic: 'Sum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 5, window: 5 },
    missingData: 'missing',
  },
  subnetExhausted: {
    title: 'EC2 out of addresses',
    severity: 'critical',
    impact: 'Nodes cannot get more addresses: what is warm now is all that new pods will find.',
    look: 'Free addresses per subnet; free addresses without a free /28 block refuse prefixes too.',
    runbook: 'ec2-out-of-addresses',
    signal: { metric: 'insufficientIPErr', statistic: 'Sum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 5, window: 5 },
    missingData: 'missing',
  },
  subnetLow: {
    title: 'worst subnet filling up',
    severity: 'warning',
    impact: 'Nothing yet; when the subnet is empty its nodes start no more pods.',
    look: 'Free addresses per subnet, and what grew: pods, nodes or warm pools.',
    runbook: 'worst-subnet',
    signal: { metric: 'subnetAvailablePercentMin', statistic: 'Maximum' },
    comparison: '<',
    threshold: 20,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
    needs: 'subnetMetrics',
  },
  subnetCritical: {
    title: 'worst subnet almost empty',
    severity: 'critical',
    impact: 'Soon nodes of this subnet start no more pods, and no more nodes start in it.',
    look: 'Free addresses per subnet, and what grew: pods, nodes or warm pools.',
    runbook: 'worst-subnet',
    signal: { metric: 'subnetAvailablePercentMin', statistic: 'Maximum' },
    comparison: '<',
    threshold: 10,
    timing: { minutes: 5, window: 5 },
    missingData: 'missing',
    needs: 'subnetMetrics',
  },
  upgradeRoomLow: {
    title: 'a subnet has little room for an upgrade',
    severity: 'warning',
    impact: 'EKS recommends 16 free addresses in each subnet of the cluster; below 6 an upgrade may fail.',
    look: 'The subnet with the fewest free addresses, and whether the control plane uses it.',
    runbook: 'cluster-subnets-too-small',
    signal: { metric: 'subnetAvailableIPsMin', statistic: 'Maximum' },
    comparison: '<',
    threshold: 16,
    timing: { minutes: 5, window: 5 },
    missingData: 'missing',
    needs: 'subnetMetrics',
  },
  upgradeRoomNone: {
    title: 'a subnet has no room for an upgrade',
    severity: 'critical',
    impact: 'An upgrade of the control plane needs up to 5 free addresses in its subnets and may fail.',
    look: 'The subnet with the fewest free addresses, and whether the control plane uses it.',
    runbook: 'cluster-subnets-too-small',
    signal: { metric: 'subnetAvailableIPsMin', statistic: 'Maximum' },
    comparison: '<=',
    threshold: 5,
    timing: { minutes: 5, window: 5 },
    missingData: 'missing',
    needs: 'subnetMetrics',
  },
  nodesWithoutWarmIPs: {
    title: 'nodes without warm addresses',
    severity: 'warning',
    impact: 'The next pod on such a node waits for EC2, or fails where the node or the subnet is full.',
    look: 'The table of full nodes: full because packed to their maximum, or because EC2 gives no more?',
    runbook: 'nodes-without-warm-addresses',
    signal: { metric: 'nodesWithoutWarmIPs', statistic: 'Minimum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 10, window: 5 },
    missingData: 'missing',
  },
  poolUtilization: {
    title: 'address pool nearly in use',
    severity: 'warning',
    impact: 'Few addresses are warm: a burst of pods waits for EC2.',
    look: 'Addresses in use and held; whether WARM_IP_TARGET or MINIMUM_IP_TARGET keeps the pool small on purpose.',
    runbook: 'pool-utilization',
    signal: { ratio: 'poolUtilization' },
    comparison: '>',
    threshold: 90,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
    off: true,
  },
  eniUtilization: {
    title: 'network interfaces nearly used up',
    severity: 'warning',
    impact: 'Nodes near their limit of interfaces cannot grow their pools; more pods need more nodes.',
    look: 'Interfaces attached and allowed; pods per node.',
    runbook: 'eni-utilization',
    signal: { ratio: 'eniUtilization' },
    comparison: '>',
    threshold: 90,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
  },
  ipamdErrors: {
    title: 'ipamd errors persist',
    severity: 'warning',
    impact: 'Nodes fail to grow, shrink or repair their pools; pods start slowly or not at all.',
    look: '/var/log/aws-routed-eni/ipamd.log on the nodes, and the AWS API errors on the dashboard.',
    runbook: 'ipamd-errors',
    signal: { metric: 'ipamdErr', statistic: 'Sum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
  },
  awsApiErrors: {
    title: 'AWS API errors persist',
    severity: 'warning',
    impact: 'EC2 refuses or throttles ipamd; pools cannot grow while it lasts.',
    look: 'CloudTrail for the errors of the node role; latency and call rate on the dashboard.',
    runbook: 'aws-api-errors',
    signal: { metric: 'awsAPIErr', statistic: 'Sum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
  },
  ipamdBusy: {
    title: 'ipamd busy without end',
    severity: 'warning',
    impact: 'Some node has been growing or repairing its pool all the time; its pods may wait for addresses.',
    look: 'AWS API latency and errors; ipamd.log of nodes that restart or reconcile.',
    runbook: 'ipamd-busy',
    signal: { metric: 'ipamdActionInProgress', statistic: 'Minimum' },
    comparison: '>',
    threshold: 0,
    timing: { minutes: 15, window: 5 },
    missingData: 'missing',
  },
  coverageLow: {
    title: 'some nodes unread',
    severity: 'warning',
    impact: 'Sums lack these nodes: every other graph understates, and an exhausted node may hide.',
    look: 'The failures in the latest log line of the collector: they name pods and causes.',
    runbook: 'coverage',
    signal: { ratio: 'coverage' },
    comparison: '<',
    threshold: 100,
    timing: { cycles: 3 },
    missingData: 'missing',
  },
  coverageLost: {
    title: 'many nodes unread',
    severity: 'critical',
    impact: 'More than a tenth of the nodes is missing from all sums: do not trust the other graphs.',
    look: 'The failures in the latest log line of the collector; most often a security group or a network policy.',
    runbook: 'coverage',
    signal: { ratio: 'coverage' },
    comparison: '<',
    threshold: 90,
    timing: { cycles: 1 },
    missingData: 'missing',
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
  functionErrors: {
    title: 'collector fails',
    severity: 'critical',
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
} as const satisfies Readonly<Record<string, AlarmDefinition>>;

export type AlarmId = keyof typeof ALARMS;

export const ALARM_IDS: readonly AlarmId[] = Object.keys(ALARMS).filter((id): id is AlarmId => id in ALARMS);
