import { AUDITED_INTERVAL_MINUTES, auditLog } from './audit-cost.ts';
import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';

/** The S3 gateway endpoint is a route with a policy, for everything in the subnets of its route tables. */
export function s3Line(vpc: VpcFacts, subnets: readonly SubnetFacts[]): string {
  const tables = [...new Set(subnets.map(({ routeTableId }) => routeTableId))];
  const sharing = vpc.subnets.filter(({ routeTableId }) => tables.includes(routeTableId));
  return `endpoint s3: all traffic to S3 from ${sharing.map(({ id }) => id).join(', ')} will take it, since they use ${tables.join(', ')}. Only the function gets through, and only to the state bucket: nodes there cannot pull images from ECR through it`;
}

/** What reading the nodes directly saves. */
export function directLine({ hasAuditLog }: ClusterFacts, { nodes, cidrs }: VpcFacts): string {
  const { gigabytes, dollars } = auditLog(nodes, 1);
  const saved = hasAuditLog
    ? `${gigabytes} of audit log (${dollars} a month in us-east-1, with an interval of 1)`
    : 'the API server one request for each node and cycle';
  return `SCRAPE_VIA: node, at addresses of ${cidrs.join(', ')}. For ${nodes} nodes it saves ${saved}, and adds no charge. Not checked: firewalls on the nodes, and network ACLs`;
}

/** What the reads of so many nodes cost in the audit log, with the interval that is chosen and with the shortest. */
export function auditLine(nodes: number): string {
  const cost = (minutes: number) => {
    const { gigabytes, dollars } = auditLog(nodes, minutes);
    return `${gigabytes} (${dollars} in us-east-1)`;
  };
  return `METRIC_UPDATE_INTERVAL: ${AUDITED_INTERVAL_MINUTES}, since the cluster's audit log is on and each read writes two events to it. For ${nodes} nodes these are ${cost(AUDITED_INTERVAL_MINUTES)} a month, and ${cost(1)} with an interval of 1. Counters lose nothing by a longer interval. With --direct the function reads the nodes itself, without these events`;
}
