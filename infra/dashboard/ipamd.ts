import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../lambda/contract.ts';
import type { ClusterMetrics } from './cluster-metrics.ts';
import { counted, graph, heading, MILLISECONDS, QUARTER } from './widgets.ts';

/** ipamd on the nodes, and its calls to AWS. @param minutes length of a datapoint */
export function ipamdRows(cluster: ClusterMetrics, minutes: number): IWidget[][] {
  const events = `per ${minutes} min`;
  const perMinute = (name: MetricName, label: string) =>
    cluster.math(`60 * ${name} / PERIOD(${name})`, { [name]: name }, 'Sum', minutes, label);
  return [
    [heading('ipamd and the AWS API')],
    [
      graph({
        title: `Errors of ipamd, ${events}`,
        width: QUARTER,
        axis: counted('errors'),
        lines: [
          cluster.metric('ipamdErr', 'Sum', minutes, 'ipamd'),
          cluster.metric('awsUtilErr', 'Sum', minutes, 'AWS utilities'),
          cluster.metric('podENIErr', 'Sum', minutes, 'interfaces of pods'),
        ],
      }),
      graph({
        title: `AWS API calls that failed, ${events}`,
        width: QUARTER,
        axis: counted('calls'),
        lines: [
          cluster.metric('awsAPIErr', 'Sum', minutes, 'AWS API'),
          cluster.metric('ec2ApiErrCount', 'Sum', minutes, 'EC2 alone'),
        ],
      }),
      graph({
        title: `EC2 had no address to give, ${events}`,
        width: QUARTER,
        axis: counted('calls'),
        lines: [cluster.metric('insufficientIPErr', 'Sum', minutes, 'refused calls')],
      }),
      graph({
        title: 'Latency of AWS API calls',
        width: QUARTER,
        axis: MILLISECONDS,
        lines: [
          cluster.metric('awsAPILatency', 'Average', minutes, 'mean'),
          cluster.metric('awsAPILatency', 'Maximum', minutes, 'worst mean of a node and API'),
        ],
      }),
    ],
    [
      graph({
        title: 'Addresses asked for and given back',
        width: QUARTER,
        axis: counted('requests a minute'),
        lines: [perMinute('addReqCount', 'asked for'), perMinute('delReqCount', 'given back')],
      }),
      graph({
        title: `Given back though no pod was deleted, ${events}`,
        width: QUARTER,
        axis: counted('requests'),
        lines: [cluster.metric('delReqErr', 'Sum', minutes, 'requests')],
      }),
      graph({
        title: `Taken from pods by force, ${events}`,
        width: QUARTER,
        axis: counted('interfaces or addresses'),
        lines: [
          cluster.metric('forceRemoveENI', 'Sum', minutes, 'interfaces'),
          cluster.metric('forceRemoveIPs', 'Sum', minutes, 'addresses'),
        ],
      }),
      graph({
        title: 'Work of ipamd',
        width: QUARTER,
        axis: counted('a minute'),
        lines: [perMinute('reconcileCount', 'reconciliations'), perMinute('ec2ApiReqCount', 'EC2 calls')],
        right: {
          axis: counted('actions'),
          lines: [cluster.metric('ipamdActionInProgress', 'Average', minutes, 'actions in progress')],
        },
      }),
    ],
  ];
}
