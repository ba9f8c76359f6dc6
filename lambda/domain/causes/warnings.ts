import type { Cause } from './cause.ts';

/** What a cycle reports beside its numbers: it published, but somebody should know. */
export const WARNINGS = {
  'partial-coverage': {
    meaning: 'some pods could not be read; the sums do not include them',
    remedy: 'See failures in the report.',
  },
  'nodes-unread': {
    meaning: 'nodes were not read for five minutes and two cycles at least',
    remedy: 'See failures in the report.',
  },
  'nodes-refusing-pods': {
    meaning: 'nodes refused pods an address for five minutes and two cycles at least',
    remedy:
      'Compare the addresses that these nodes hold with their maximum and with the free addresses of their subnets.',
  },
  'nodes-restarting': {
    meaning: 'ipamd restarted three times in half an hour on these nodes',
    remedy: 'Read the logs of the previous containers (kubectl -n kube-system logs <pod> --previous).',
  },
  'counters-withheld': {
    meaning: 'counters were left out of this cycle; the next one covers the gap exactly',
    remedy: 'See the message; nothing to do if it is rare.',
  },
  'state-in-memory': {
    meaning: 'STATE_BUCKET is not set: counters start from a new baseline after each cold start',
    remedy: 'Set STATE_BUCKET.',
  },
  'state-quarantined': {
    meaning:
      'the stored state could not be used; it was copied to another key and counting started from a baseline',
    remedy: 'Read the object that the message names to find out who wrote it.',
  },
  'commit-failed': {
    meaning:
      'the lease could not be ended after publishing; until it expires, only this function counts, and no event is lost',
    remedy: 'See state-failed.',
  },
  'publish-uncertain': {
    meaning:
      'a function ended while it was publishing; the events of that interval count as published, and are missing if they were not',
    remedy: 'Find out in the log why that invocation ended, most often a timeout or too little memory.',
  },
  'cluster-id-fallback': {
    meaning: 'CLUSTER_ID_FROM=ec2-tags found no usable tag; the cluster name is used',
    remedy: 'Allow ec2:DescribeInstances, tag the instances, or set AWS_CLUSTER_ID.',
  },
  'not-finite': {
    meaning: 'pods exposed NaN or infinite values; the metrics leave these pods out',
    remedy: 'Read the metrics of the pods that the message names.',
  },
  'invalid-value': {
    meaning:
      'pods exposed values that ipamd cannot have (negative, a fraction, or more than a node can have); the metrics leave these pods out',
    remedy: 'Read the metrics of the pods that the message names; restart the pods if ipamd is at fault.',
  },
  'implausible-gauges': {
    meaning:
      'nodes report more addresses in use than they hold, as ipamd does after a forced removal of an interface; only their addresses in use count',
    remedy: 'Restart the aws-node pods that the message names (kubectl -n kube-system delete pod <pod>).',
  },
  'several-network-cards': {
    meaning:
      'nodes use several network cards (ENABLE_MULTI_NIC), and ipamd reports interfaces and addresses held for only one; their addresses in use count',
    remedy: 'Nothing to do.',
  },
  'pods-share-node': {
    meaning: 'several aws-node pods have the same node or address, and only one of them counts',
    remedy:
      'Nothing to do while nodes are replaced; otherwise find out who created the pods that the message names.',
  },
  'connmark-errors': {
    meaning:
      'ipamd could not write the rules that mark connections; traffic of pods to other networks can fail',
    remedy: 'Read the logs of the pods that the message names (kubectl -n kube-system logs <pod>).',
  },
  'ipamd-startup-failed': {
    meaning: 'ipamd counted failed startups',
    remedy: 'Read the logs of the pods that the message names (kubectl -n kube-system logs <pod>).',
  },
  'datum-left-out': {
    meaning: 'a value is not one that CloudWatch accepts; the other metrics were published',
    remedy: 'Please open an issue of this project with the message.',
  },
  'apis-folded': {
    meaning:
      'pods expose more AWS APIs, or longer names, than are counted apart; the other APIs of these pods count together',
    remedy: 'Read the metrics of the pods that the message names: ipamd calls some 25 APIs.',
  },
  'tick-late': {
    meaning: 'the event names a time more than five minutes ago; the metrics are published with that time',
    remedy: 'Nothing to do if somebody sent the event by hand; otherwise check the schedule.',
  },
  'tick-published': {
    meaning: 'this tick was published before; the delivery is skipped',
    remedy: 'Nothing to do: EventBridge Scheduler delivers at least once.',
  },
  'subnets-unavailable': {
    meaning: 'EC2 did not return the subnets; only the subnet metrics are missing',
    remedy:
      'Allow ec2:DescribeSubnets and provide a network path to EC2 (interface endpoint ec2 or NAT), or set SUBNET_METRICS=false.',
  },
  'holders-unknown': {
    meaning:
      'EC2 did not return the network interfaces of the subnets; who holds the addresses, and which /28 blocks are free, is not known or an hour old at most',
    remedy:
      'Allow ec2:DescribeNetworkInterfaces and ec2:GetSubnetCidrReservations, or set SUBNET_METRICS=false.',
  },
} as const satisfies Record<string, Cause>;

export type WarningCode = keyof typeof WARNINGS;
