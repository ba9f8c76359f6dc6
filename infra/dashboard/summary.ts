import {
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  Column,
  type IAlarm,
  type IWidget,
  Row,
  TextWidget,
  TextWidgetBackground,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../lambda/contract.ts';
import { ALARMS, type AlarmDefinition, type AlarmId } from '../alarms/definitions.ts';
import type { ClusterMetrics } from './cluster-metrics.ts';
import { COLUMNS, numbers } from './widgets.ts';

export interface Summary {
  /** In the dashboard's name. */
  readonly clusterName: string;
  /** Minutes between two cycles. */
  readonly intervalMinutes: number;
  /** Whether the cluster has aws-node pods (PODS). */
  readonly hasPods: boolean;
  /** Where docs/runbook.md can be read. @default - no link */
  readonly runbookUrl: string | undefined;
  /** Alarms whose states are shown. @default - none */
  readonly alarms?: ReadonlyMap<AlarmId, IAlarm> | undefined;
}

/** What the page shows, the latest numbers, and the alarms with the way to their remedies. */
export function summaryRows(cluster: ClusterMetrics, props: Summary): IWidget[][] {
  const { hasPods, intervalMinutes, alarms, runbookUrl } = props;
  const latest = (name: MetricName, label: string) => cluster.metric(name, 'Average', intervalMinutes, label);
  const text = new TextWidget({
    markdown: hasPods ? explanation(props) : subnetExplanation(props),
    width: 9,
    height: 6,
  });
  const figures = hasPods
    ? new Column(
        new Row(
          numbers('In use', 5, latest('assignIPAddresses', 'addresses')),
          numbers('Held', 5, latest('totalIPAddresses', 'addresses')),
          numbers('Warm', 5, latest('warmIPAddresses', 'addresses')),
        ),
        new Row(
          numbers('Pool in use', 5, cluster.ratio('poolUtilization', intervalMinutes, '% of held addresses')),
          numbers(
            'Network interfaces',
            5,
            latest('eniAllocated', 'attached'),
            latest('eniMaxAvailable', 'allowed'),
          ),
          numbers('Nodes', 5, latest('scrapedPods', 'read'), latest('awsNodePods', 'found')),
        ),
      )
    : new Column(
        numbers('Fewest free', 15, latest('subnetAvailableIPsMin', 'addresses')),
        numbers('Least free', 15, latest('subnetAvailablePercentMin', '% of usable addresses')),
      );
  const states = new AlarmStatusWidget({
    title: 'Alarms, those that are on first',
    width: COLUMNS,
    height: 4,
    alarms: [...(alarms?.values() ?? [])],
    sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
  });
  return [
    [new Row(text, figures)],
    ...(alarms?.size ? [[states]] : []),
    ...(alarms?.size && runbookUrl ? [[sections(runbookUrl, [...alarms.keys()])]] : []),
  ];
}

const explanation = (props: Summary): string =>
  `# Pod addresses of ${props.clusterName}
- **In use**: addresses that pods have now.
- **Held**: addresses the nodes have taken from the subnets, in use or warm.
- **Warm**: held and free. New pods take these at once; without one they wait for EC2.
- **Pool in use**: in use, of held. High is normal where pools are kept small.

Sums lack nodes that were not read: see **Nodes**. ${remedies(props)}
The selector above changes all graphs but the logs, the search by subnet and the function's own.`;

const subnetExplanation = (props: Summary): string =>
  `# Subnets of ${props.clusterName}
- **Fewest free**: free addresses of the fullest subnet.
- **Least free**: free share of usable addresses, worst subnet.

The cluster has no aws-node pods (\`PODS\` is \`none\`), so only its subnets are watched. ${remedies(props)}
The selector above changes all graphs but the search by subnet and the function's own.`;

const remedies = ({ runbookUrl, alarms }: Summary): string =>
  runbookUrl && alarms?.size
    ? 'What to do about an alarm: see the links below.'
    : 'What to do about an alarm: see its description.';

/** The section of the runbook for each alarm; several alarms may share one. */
function sections(runbookUrl: string, ids: readonly AlarmId[]): TextWidget {
  const links = ids.map((id) => {
    const { title, runbook }: AlarmDefinition = ALARMS[id];
    return `[${title}](${runbookUrl}#${runbook})`;
  });
  return new TextWidget({
    markdown: `**Runbook**: ${links.join(' · ')}`,
    width: COLUMNS,
    height: 2,
    background: TextWidgetBackground.TRANSPARENT,
  });
}
