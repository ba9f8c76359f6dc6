import { METRICS_PORT } from '../../lambda/contract.ts';
import type { Endpoint } from '../vpc-endpoints.ts';
import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';
import { type Admission, admits, type Caller } from './ingress.ts';

/** Whether the function reaches AWS from a subnet by its default route. */
export const hasEgress = ({ way }: SubnetFacts) => way === 'nat' || way === 'other';

/** One security group of each kind of node, by whether the API server reaches it at the metrics port. */
export function nodeGroupsBy(admission: Admission, cluster: ClusterFacts, vpc: VpcFacts): string[] {
  const own = vpc.subnets.filter(({ id }) => cluster.subnetIds.includes(id));
  const apiServer: Caller = {
    groupIds: [cluster.securityGroupId, ...cluster.extraSecurityGroupIds],
    // The API server connects to a pod with an IPv6 address over IPv6.
    cidrs: own.flatMap(({ cidr, ipv6Cidrs }) => (cluster.isIpv6 ? ipv6Cidrs : (cidr ?? []))),
  };
  const admissionOf = (groups: readonly string[]): Admission =>
    groups.includes(cluster.securityGroupId) ? 'yes' : best(groups, vpc, METRICS_PORT, apiServer);
  const found = vpc.nodeGroups.filter((groups) => admissionOf(groups) === admission);
  return [...new Set(found.flatMap((groups) => groups.slice(0, 1)))].sort();
}

/** One security group of each kind of node, for the rule that lets the function in: the cluster's where they carry it. */
export const groupsOfNodes = ({ securityGroupId }: ClusterFacts, { nodeGroups }: VpcFacts): string[] =>
  [
    ...new Set(
      nodeGroups.flatMap((groups) =>
        groups.includes(securityGroupId) ? securityGroupId : groups.slice(0, 1),
      ),
    ),
  ].sort();

/** Endpoints that the chosen subnets need and do not have. */
export function missingEndpoints(vpc: VpcFacts, subnets: readonly SubnetFacts[]): Endpoint[] {
  if (subnets.every(hasEgress)) return [];
  return [
    ...(hasEndpoint(vpc, 'monitoring') ? [] : ['monitoring' as const]),
    ...(subnets.every(({ hasS3 }) => hasS3) ? [] : ['s3' as const]),
  ];
}

export const reachesEc2 = (vpc: VpcFacts, subnets: readonly SubnetFacts[]): boolean =>
  subnets.every(hasEgress) || hasEndpoint(vpc, 'ec2');

const hasEndpoint = (vpc: VpcFacts, name: Endpoint) => vpc.endpoints.some(({ service }) => service === name);

/** An endpoint with private DNS takes the function's calls even if there is a NAT gateway. */
export function endpointWarnings(vpc: VpcFacts, subnets: readonly SubnetFacts[]): string[] {
  const caller = { groupIds: [], cidrs: subnets.flatMap(({ cidr }) => cidr ?? []) };
  const closed = vpc.endpoints
    .filter(({ service }) => CALLED.includes(service))
    .flatMap(({ id, service, securityGroupIds }) => {
      const takes = `endpoint ${id} takes all calls to ${service}`;
      const admission = best(securityGroupIds, vpc, 443, caller);
      if (admission === 'no')
        return [
          `${takes} but does not let the chosen subnets in at tcp/443: allow them in its security group`,
        ];
      return admission === 'yes'
        ? []
        : [
            `${takes}; whether it lets the chosen subnets in at tcp/443 is not known: ${prefixListCommands(securityGroupIds, vpc)}`,
          ];
    });
  return [...closed, ...policyWarnings(vpc, subnets)];
}

/** Services that every function calls, by the names of their endpoints. */
const CALLED: readonly string[] = ['monitoring', 's3'];

function policyWarnings({ guarded }: VpcFacts, subnets: readonly SubnetFacts[]): string[] {
  const isUsed = (tables: readonly string[] | undefined) =>
    tables === undefined || subnets.some(({ routeTableId }) => tables.includes(routeTableId));
  return guarded
    .filter(({ service, routeTableIds }) => CALLED.includes(service) && isUsed(routeTableIds))
    .map(
      ({ id, service }) =>
        `endpoint ${id} to ${service} has a policy; whether it lets the function through is not known, unless the stack of this cluster created it: run aws ec2 describe-vpc-endpoints --vpc-endpoint-ids ${id} --query 'VpcEndpoints[].PolicyDocument' --output text`,
    );
}

/** Where to find out what a prefix list contains. */
export function prefixListCommands(groups: readonly string[], { securityGroups }: VpcFacts): string {
  const lists = groups.flatMap((id) =>
    (securityGroups.get(id) ?? []).flatMap(({ prefixListIds }) => prefixListIds),
  );
  return `run ${[...new Set(lists)].map((id) => `aws ec2 get-managed-prefix-list-entries --prefix-list-id ${id}`).join(' and ')}`;
}

function best(groups: readonly string[], vpc: VpcFacts, port: number, caller: Caller): Admission {
  const found = groups.map((id) => admits(vpc.securityGroups.get(id) ?? [], port, caller));
  return (['yes', 'unknown'] as const).find((admission) => found.includes(admission)) ?? 'no';
}
