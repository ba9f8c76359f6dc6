import { METRICS_PORT } from '../../lambda/contract.ts';
import type { AccessWay } from '../access.ts';
import type { Settings } from '../settings.ts';
import type { Endpoint } from '../vpc-endpoints.ts';
import { AUDITED_INTERVAL_MINUTES } from './audit-cost.ts';
import { auditLine, directLine, s3Line } from './choice-lines.ts';
import type { Options } from './command-options.ts';
import type { ClusterFacts, VpcFacts } from './facts.ts';
import { groupsOfNodes, missingEndpoints, nodeGroupsBy, reachesEc2 } from './paths.ts';
import { chooseSubnets, reasonFor } from './subnet-choice.ts';
import { warningsFor } from './warnings.ts';

/** The part of an entry that is found out. */
export interface Discovered {
  readonly account: string;
  readonly region: string;
  readonly cluster: { name: string; endpoint: string; certificateAuthority: string; securityGroupId: string };
  readonly vpcId: string;
  readonly subnets: { id: string; availabilityZone: string; routeTableId: string }[];
  readonly access: AccessWay;
  readonly nodeSecurityGroupIds?: string[];
  readonly endpoints?: Endpoint[];
  /** Where the stack creates endpoints for all calls. */
  readonly s3PrefixListId?: string;
  /** Defaults for settings that the entry does not have. */
  readonly settings: Pick<Settings, 'METRIC_UPDATE_INTERVAL' | 'SUBNET_METRICS' | 'PODS'>;
  /** For an entry that reads the nodes directly. */
  readonly direct?: { readonly SCRAPE_VIA: 'node'; readonly NODE_CIDRS: string[] };
}

export interface Choice {
  readonly discovered: Discovered;
  /** What was chosen and why, a line each. */
  readonly explanation: readonly string[];
  /** What will not work, or not for all, with the remedy. */
  readonly warnings: readonly string[];
}

/** @throws Error where no subnet can take the function, or where it cannot read the nodes as asked for */
export function choose(cluster: ClusterFacts, vpc: VpcFacts, options: Options): Choice {
  const subnets = chooseSubnets(cluster, vpc);
  if (options.direct && cluster.isIpv6)
    throw new Error(
      `${cluster.name} is an IPv6 cluster, where the list of pods has no IPv4 addresses of nodes: leave out --direct, and SCRAPE_VIA: node in its entry.`,
    );
  // How the API server reaches the nodes does not matter where the function reads them itself.
  const podless = options.direct ? undefined : podlessKind(cluster, vpc);
  const closed = options.direct ? [] : nodeGroupsBy('no', cluster, vpc);
  const nodeGroups = options.direct ? groupsOfNodes(cluster, vpc) : options.openMetricsPort ? closed : [];
  const isAudited = cluster.hasAuditLog && !options.direct && !podless;
  const owners = [...new Set(subnets.map(({ owner }) => owner))].filter((id) => id && id !== cluster.account);
  const hasEc2 = reachesEc2(vpc, subnets);
  const missing = [
    ...missingEndpoints(vpc, subnets),
    // Without pods, the subnets are all there is to watch.
    ...(podless && !hasEc2 ? ['ec2' as const] : []),
  ];
  // In a VPC that is shared with this account only the owner can create endpoints.
  const created = options.createEndpoints && owners.length === 0 ? missing : [];
  const hasSubnetMetrics = hasEc2 || podless !== undefined;
  const access = cluster.authenticationMode === 'CONFIG_MAP' ? 'aws-auth' : 'access-entry';
  return {
    discovered: {
      account: cluster.account,
      region: cluster.region,
      cluster: {
        name: cluster.name,
        endpoint: cluster.endpoint,
        certificateAuthority: cluster.certificateAuthority,
        securityGroupId: cluster.securityGroupId,
      },
      vpcId: cluster.vpcId,
      subnets: subnets.map(({ id, availabilityZone, routeTableId }) => ({
        id,
        availabilityZone,
        routeTableId,
      })),
      access,
      ...(nodeGroups.length > 0 && { nodeSecurityGroupIds: nodeGroups }),
      ...(created.length > 0 && { endpoints: created }),
      ...(created.includes('s3') && vpc.s3PrefixListId && { s3PrefixListId: vpc.s3PrefixListId }),
      settings: {
        ...(isAudited && { METRIC_UPDATE_INTERVAL: AUDITED_INTERVAL_MINUTES }),
        ...(podless && { PODS: 'none' as const }),
        ...(hasSubnetMetrics && { SUBNET_METRICS: true }),
      },
      ...(options.direct && { direct: { SCRAPE_VIA: 'node' as const, NODE_CIDRS: [...vpc.cidrs] } }),
    },
    explanation: [
      `cluster ${cluster.name}, Kubernetes ${cluster.version}, in ${cluster.vpcId} (account ${cluster.account}, ${cluster.region})`,
      ...subnets.map(
        (subnet) => `subnet ${subnet.id} in ${subnet.availabilityZone}: ${reasonFor(subnet, cluster)}`,
      ),
      `access by ${access}: the cluster's authentication mode is ${cluster.authenticationMode}`,
      ...nodeGroups.map(
        (id) =>
          `tcp/${METRICS_PORT} will be opened at ${id} for the ${options.direct ? 'function' : 'API server'}`,
      ),
      ...(options.direct ? [directLine(cluster, vpc)] : []),
      ...(created.length > 0 ? [`endpoints will be created: ${created.join(', ')}`] : []),
      ...(created.includes('s3') ? [s3Line(vpc, subnets)] : []),
      ...(isAudited ? [auditLine(vpc.nodes)] : []),
      ...(podless
        ? [
            `PODS: none, since the cluster runs ${podless} and no other nodes: without aws-node pods only its subnets are watched. Remove it if nodes of other kinds join`,
          ]
        : []),
      hasSubnetMetrics
        ? `SUBNET_METRICS: on, about $${(0.3 * cluster.subnetIds.length + 1.6).toFixed(2)} a month for ${cluster.subnetIds.length} subnets, $0.60 more with prefix delegation`
        : 'SUBNET_METRICS: off, the chosen subnets have no route to EC2. To turn it on, add ec2 to endpoints (about $7.30 a zone and month)',
    ],
    warnings: warningsFor(cluster, vpc, { options, subnets, podless, closed, missing, created, owners }),
  };
}

/** What a cluster runs instead of nodes with aws-node pods; undefined: it has some, or it is not known. */
function podlessKind(
  { isAutoMode, hasFargateOnly }: ClusterFacts,
  { nodes, otherVpcIds }: VpcFacts,
): 'EKS Auto Mode' | 'Fargate' | undefined {
  if (nodes > 0 || otherVpcIds.length > 0) return undefined;
  if (isAutoMode) return 'EKS Auto Mode';
  return hasFargateOnly ? 'Fargate' : undefined;
}
