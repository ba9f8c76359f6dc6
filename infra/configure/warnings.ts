import { METRICS_PORT } from '../../lambda/contract.ts';
import type { Endpoint } from '../vpc-endpoints.ts';
import type { Options } from './command-options.ts';
import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';
import { endpointWarnings, hasEgress, nodeGroupsBy, prefixListCommands } from './paths.ts';

/** What was chosen, as far as it decides what will not work. */
interface Chosen {
  readonly options: Options;
  readonly subnets: readonly SubnetFacts[];
  readonly podless: string | undefined;
  /** Security groups of nodes that do not let the API server in. */
  readonly closed: readonly string[];
  readonly missing: readonly Endpoint[];
  readonly created: readonly Endpoint[];
  /** Other accounts that own the subnets. */
  readonly owners: readonly string[];
}

/** What will not work, or not for all, with the remedy. */
export function warningsFor(cluster: ClusterFacts, vpc: VpcFacts, chosen: Chosen): string[] {
  const { options, subnets, podless, closed, missing, created, owners } = chosen;
  return [
    ...clusterWarnings(cluster, subnets, podless),
    ...(cluster.isAutoMode && !podless
      ? [
          'the cluster runs EKS Auto Mode: its nodes have no aws-node pods, so only nodes of other kinds will be read',
        ]
      : []),
    ...(vpc.nodeGroups.length === 0 && !podless
      ? [
          `no running instance is tagged kubernetes.io/cluster/${cluster.name}: ${options.direct ? `which security groups to open at tcp/${METRICS_PORT} is not known, so that of the cluster is: give those of the nodes in nodeSecurityGroupIds if they do not carry it` : `whether the nodes let the API server in at tcp/${METRICS_PORT} was not checked`}`,
        ]
      : []),
    ...(options.direct
      ? vpc.otherVpcIds.map(
          (id) =>
            `running instances of the cluster are in ${id}: the function does not read them until their blocks are in NODE_CIDRS, a route leads to them, and they let the function in at tcp/${METRICS_PORT}`,
        )
      : []),
    ...(options.openMetricsPort
      ? []
      : closed.map(
          (id) =>
            `node security group ${id} does not let the API server in at tcp/${METRICS_PORT}, so its pods cannot be read: add the rule, or run this again with --open-metrics-port`,
        )),
    ...(options.direct ? [] : nodeGroupsBy('unknown', cluster, vpc)).map(
      (id) =>
        `node security group ${id} lets a prefix list in at tcp/${METRICS_PORT}; whether that contains the API server is not known: ${prefixListCommands([id], vpc)}`,
    ),
    ...missingWarnings(missing, created, owners),
    ...endpointWarnings(vpc, subnets),
  ];
}

function clusterWarnings(
  cluster: ClusterFacts,
  subnets: readonly SubnetFacts[],
  podless: string | undefined,
): string[] {
  const { name, region } = cluster;
  return [
    ...(cluster.status === 'ACTIVE' ? [] : [`the cluster is ${cluster.status}, not ACTIVE`]),
    ...(cluster.isPrivate || podless
      ? []
      : [
          `the API server has a public endpoint only: the function reaches it ${subnets.some(hasEgress) ? 'through NAT, whose addresses publicAccessCidrs must contain' : 'not at all from these subnets'}. Better: aws eks update-cluster-config --region ${region} --name ${name} --resources-vpc-config endpointPrivateAccess=true`,
        ]),
    ...(cluster.authenticationMode === 'CONFIG_MAP' && !podless
      ? [
          `the cluster maps roles by aws-auth only: after the deploy run the command of the output MapRole. Better: aws eks update-cluster-config --region ${region} --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP, then run this again`,
        ]
      : []),
    ...(cluster.isIpv6
      ? [
          'an IPv6 cluster: its nodes stay out of totals, warm addresses and utilization, which have no meaning there',
        ]
      : []),
  ];
}

function missingWarnings(
  missing: readonly Endpoint[],
  created: readonly Endpoint[],
  owners: readonly string[],
) {
  if (missing.length === created.length) return [];
  const lack = `the chosen subnets have no NAT gateway and no endpoint for ${missing.join(', ')}`;
  return [
    owners.length > 0
      ? `${lack} that is visible here: they are shared by the account ${owners.join(', ')}, and only the owner of a VPC can see and create its endpoints. Ask for them`
      : `${lack}: create them, or run this again with --create-endpoints (s3 is free; monitoring costs about $7.30 a zone and month)`,
  ];
}
