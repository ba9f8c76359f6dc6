import { METRICS_PORT } from '../../lambda/contract.ts';
import type { AccessWay } from '../access.ts';
import type { Endpoint } from '../vpc-endpoints.ts';
import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';
import { admits } from './ingress.ts';

/** What the stack may do beyond its own resources, only if it is asked to. */
export interface Options {
  /** Add the missing rule for the metrics port to node security groups. */
  readonly openMetricsPort: boolean;
  /** Make the missing VPC endpoints. */
  readonly createEndpoints: boolean;
}

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
}

export interface Choice {
  readonly discovered: Discovered;
  /** What was chosen and why, a line each. */
  readonly said: readonly string[];
  /** What will not work, or not for all, with the remedy. */
  readonly warnings: readonly string[];
}

/** Enough for a function that runs every minute; more would only multiply what endpoints cost. */
const MAX_ZONES = 2;

/** @throws Error where no subnet can take the function */
export function choose(cluster: ClusterFacts, vpc: VpcFacts, options: Options): Choice {
  const subnets = chooseSubnets(cluster, vpc);
  const closed = closedGroups(cluster, vpc);
  const missing = missingEndpoints(vpc, subnets);
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
      ...(options.openMetricsPort && closed.length > 0 && { nodeSecurityGroupIds: closed }),
      ...(options.createEndpoints && missing.length > 0 && { endpoints: missing }),
    },
    said: [
      `cluster ${cluster.name}, Kubernetes ${cluster.version}, in ${cluster.vpcId} (account ${cluster.account}, ${cluster.region})`,
      ...subnets.map(
        (subnet) => `subnet ${subnet.id} in ${subnet.availabilityZone}: ${reasonFor(subnet, cluster)}`,
      ),
      `access by ${access}: the cluster's authentication mode is ${cluster.authenticationMode}`,
      ...(options.openMetricsPort
        ? closed.map((id) => `tcp/${METRICS_PORT} will be opened at ${id} for the API server`)
        : []),
      ...(options.createEndpoints && missing.length > 0
        ? [`endpoints will be made: ${missing.join(', ')}`]
        : []),
    ],
    warnings: [
      ...clusterWarnings(cluster, subnets),
      ...(vpc.nodeGroups.length === 0
        ? [
            `no running instance is tagged kubernetes.io/cluster/${cluster.name}: whether the nodes let the API server in at tcp/${METRICS_PORT} was not checked`,
          ]
        : []),
      ...(options.openMetricsPort
        ? []
        : closed.map(
            (id) =>
              `node security group ${id} does not let the API server in at tcp/${METRICS_PORT}, so its pods cannot be read: add the rule, or run this again with --open-metrics-port`,
          )),
      ...(options.createEndpoints || missing.length === 0
        ? []
        : [
            `the chosen subnets have no NAT gateway and no endpoint for ${missing.join(', ')}: make them, or run this again with --create-endpoints (s3 is free; monitoring costs about $7.30 a zone and month)`,
          ]),
      ...closedEndpoints(vpc, subnets),
    ],
  };
}

/** The best private subnet of each zone that the cluster uses. */
function chooseSubnets(cluster: ClusterFacts, vpc: VpcFacts): SubnetFacts[] {
  const zones = new Set(
    vpc.subnets.filter(({ id }) => cluster.subnetIds.includes(id)).map((subnet) => subnet.availabilityZone),
  );
  const usable = vpc.subnets.filter(
    ({ way, available, availabilityZone }) =>
      way !== 'internet-gateway' && available > 0 && zones.has(availabilityZone),
  );
  if (usable.length === 0)
    throw new Error(
      `${cluster.vpcId} has no private subnet with a free address in ${[...zones].join(', ')}. A function gets no public address, so a public subnet leads nowhere: make a private one, with a NAT gateway or with endpoints.`,
    );
  // All with a way out or none: a function that reaches CloudWatch from one zone only fails every other minute.
  const leaving = usable.filter(hasWayOut);
  const ranked = (leaving.length > 0 ? leaving : usable).toSorted(
    (a, b) =>
      Number(a.isForPods) - Number(b.isForPods) ||
      Number(cluster.subnetIds.includes(b.id)) - Number(cluster.subnetIds.includes(a.id)) ||
      b.available - a.available ||
      a.id.localeCompare(b.id),
  );
  return [...zones]
    .sort()
    .flatMap((zone) => ranked.find(({ availabilityZone }) => availabilityZone === zone) ?? [])
    .slice(0, MAX_ZONES);
}

const hasWayOut = ({ way }: SubnetFacts) => way === 'nat' || way === 'other';

function reasonFor({ id, way, available, isForPods }: SubnetFacts, { subnetIds }: ClusterFacts): string {
  return [
    {
      nat: 'private, out through NAT',
      other: 'private, out through another network',
      none: 'private, no way out',
      'internet-gateway': '',
    }[way],
    subnetIds.includes(id) ? 'one of the cluster' : 'not one of the cluster',
    ...(isForPods ? ['shared with pods, for want of another'] : []),
    `${available} free addresses`,
  ].join(', ');
}

function clusterWarnings(cluster: ClusterFacts, subnets: readonly SubnetFacts[]): string[] {
  const { name, region } = cluster;
  return [
    ...(cluster.status === 'ACTIVE' ? [] : [`the cluster is ${cluster.status}, not ACTIVE`]),
    ...(cluster.isAutoMode
      ? [
          'the cluster runs EKS Auto Mode: its nodes have no aws-node pods, so only nodes of other kinds will be read',
        ]
      : []),
    ...(cluster.isPrivate
      ? []
      : [
          `the API server has a public endpoint only: the function reaches it ${subnets.some(hasWayOut) ? 'through NAT, whose addresses publicAccessCidrs must contain' : 'not at all from these subnets'}. Better: aws eks update-cluster-config --region ${region} --name ${name} --resources-vpc-config endpointPrivateAccess=true`,
        ]),
    ...(cluster.authenticationMode === 'CONFIG_MAP'
      ? [
          `the cluster knows roles by aws-auth only: after the deploy run the command of the output MapRole. Better: aws eks update-cluster-config --region ${region} --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP, then run this again`,
        ]
      : []),
    ...(cluster.isIpv6
      ? [
          'an IPv6 cluster: its nodes stay out of totals, warm addresses and utilization, which have no meaning there',
        ]
      : []),
  ];
}

/** One group of each kind of node that the API server cannot reach at the metrics port. */
function closedGroups(cluster: ClusterFacts, vpc: VpcFacts): string[] {
  const apiServer = {
    groupIds: [cluster.securityGroupId, ...cluster.extraSecurityGroupIds],
    cidrs: vpc.subnets.flatMap(({ id, cidr }) => (cidr && cluster.subnetIds.includes(id) ? [cidr] : [])),
  };
  const closed = vpc.nodeGroups.filter(
    (groups) =>
      !groups.includes(cluster.securityGroupId) &&
      !groups.some((id) => admits(vpc.securityGroups.get(id) ?? [], METRICS_PORT, apiServer)),
  );
  return [...new Set(closed.flatMap((groups) => groups.slice(0, 1)))].sort();
}

function missingEndpoints(vpc: VpcFacts, subnets: readonly SubnetFacts[]): Endpoint[] {
  if (subnets.every(hasWayOut)) return [];
  return [
    ...(vpc.endpoints.some(({ service }) => service === 'monitoring') ? [] : ['monitoring' as const]),
    ...(subnets.every(({ hasS3 }) => hasS3) ? [] : ['s3' as const]),
  ];
}

/** An endpoint with private DNS catches the function's calls even where there is a NAT gateway. */
function closedEndpoints(vpc: VpcFacts, subnets: readonly SubnetFacts[]): string[] {
  const caller = { groupIds: [], cidrs: subnets.flatMap(({ cidr }) => cidr ?? []) };
  return vpc.endpoints
    .filter(
      ({ service, securityGroupIds }) =>
        service === 'monitoring' &&
        !securityGroupIds.some((id) => admits(vpc.securityGroups.get(id) ?? [], 443, caller)),
    )
    .map(
      ({ id, service }) =>
        `endpoint ${id} takes all calls to ${service} but does not let the chosen subnets in at tcp/443: allow them in its security group`,
    );
}
