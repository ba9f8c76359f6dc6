import { type IWidget, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { CLUSTER_DIMENSION, SUBNET_DIMENSION } from '../../lambda/contract.ts';
import type { ClusterMetrics } from './cluster-metrics.ts';
import {
  below,
  counted,
  critical,
  graph,
  HALF,
  heading,
  PERCENT,
  QUARTER,
  THIRD,
  warning,
} from './widgets.ts';

/** Addresses of the cluster and of its nodes. @param minutes length of a datapoint */
export function addressRows(cluster: ClusterMetrics, minutes: number): IWidget[][] {
  return [
    [heading('Addresses')],
    [
      graph({
        title: 'Addresses in use and held; right axis: theoretical maximum',
        width: HALF,
        axis: counted('addresses'),
        lines: [
          cluster.metric('assignIPAddresses', 'Average', minutes, 'in use by pods'),
          cluster.metric('totalIPAddresses', 'Average', minutes, 'held by nodes'),
        ],
        // With prefix delegation ten times the others, which would lie flat on one axis with it.
        right: {
          axis: counted('addresses'),
          lines: [
            cluster.metric('maxIPAddresses', 'Average', minutes, 'theoretical maximum of the instance types'),
          ],
        },
      }),
      graph({
        title: 'Pool: share of held addresses in use',
        width: QUARTER,
        axis: PERCENT,
        lines: [cluster.ratio('poolUtilization', minutes, 'in use')],
        marks: [warning(90, '90 %'), critical(95, '95 %')],
      }),
      graph({
        title: 'Network interfaces: share of allowed attached',
        width: QUARTER,
        axis: PERCENT,
        lines: [cluster.ratio('eniUtilization', minutes, 'attached')],
        marks: [warning(90, '90 %')],
      }),
    ],
    [
      graph({
        title: 'Nodes: share of own addresses in use',
        width: HALF,
        axis: PERCENT,
        lines: [
          cluster.metric('nodeIPUtilization', 'p50', minutes, 'half of the nodes are below'),
          cluster.metric('nodeIPUtilization', 'p99', minutes, '99 % of the nodes are below'),
          cluster.metric('nodeIPUtilization', 'Maximum', minutes, 'fullest node'),
        ],
      }),
      graph({
        title: 'Nodes without a warm address',
        width: QUARTER,
        axis: counted('nodes'),
        lines: [cluster.metric('nodesWithoutWarmIPs', 'Maximum', minutes, 'nodes')],
      }),
      graph({
        title: `Pods refused an address, per ${minutes} min`,
        width: QUARTER,
        axis: counted('pods'),
        lines: [cluster.metric('noAvailableIPAddresses', 'Sum', minutes, 'pods')],
        right: {
          axis: counted('nodes'),
          lines: [cluster.metric('nodesRefusingPods', 'Maximum', minutes, 'nodes that go on refusing')],
        },
      }),
    ],
  ];
}

/** Free addresses of the subnets; needs SUBNET_METRICS. The time until one is empty needs pods too. */
export function subnetRows(
  cluster: ClusterMetrics,
  { hasPods }: { readonly hasPods: boolean },
  minutes: number,
): IWidget[][] {
  const width = hasPods ? QUARTER : THIRD;
  return [
    [heading('Subnets')],
    [
      graph({
        title: 'Free addresses of the subnet with the fewest',
        width,
        axis: counted('addresses'),
        lines: [cluster.metric('subnetAvailableIPsMin', 'Minimum', minutes, 'fewest free')],
        marks: [warning(16, '16: EKS recommends'), critical(5, '5: an upgrade may need')],
      }),
      ...(hasPods
        ? [
            graph({
              title: 'Hours until the first subnet is empty',
              width,
              axis: counted('hours'),
              lines: [cluster.metric('subnetHoursToExhaustion', 'Minimum', minutes, 'hours')],
              marks: [warning(24, '24 h'), below(critical(2, '2 h'))],
            }),
          ]
        : []),
      graph({
        title: 'Free share of the worst subnet',
        width,
        axis: PERCENT,
        lines: [cluster.metric('subnetAvailablePercentMin', 'Minimum', minutes, 'least free')],
        marks: [warning(20, '20 %'), below(critical(10, '10 %'))],
      }),
      graph({
        title: 'Free addresses of each subnet of this cluster',
        width,
        axis: counted('addresses'),
        lines: [
          new MathExpression({
            expression: `SEARCH('{"${cluster.namespace}","${CLUSTER_DIMENSION}","${SUBNET_DIMENSION}"} MetricName="subnetAvailableIPs" ${CLUSTER_DIMENSION}="${cluster.clusterId}"', 'Minimum', ${minutes * 60})`,
            label: `\${PROP('Dim.${SUBNET_DIMENSION}')}`,
          }),
        ],
      }),
    ],
  ];
}
