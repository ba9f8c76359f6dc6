import { METRICS_PORT } from '../../lambda/contract.ts';
import type { AccessWay } from '../access.ts';
import type { Settings } from '../settings.ts';
import type { Endpoint } from '../vpc-endpoints.ts';
import { auditLog } from './audit-cost.ts';
import type { ClusterFacts, SubnetFacts, VpcFacts } from './facts.ts';
import {
  endpointWarnings,
  groupsOfNodes,
  hasWayOut,
  lookAt,
  missingEndpoints,
  nodeGroupsBy,
  reachesEc2,
} from './paths.ts';

/** What the stack does beyond its own resources, only on request. */
export interface Options {
  /** Add the missing rule for the metrics port to node security groups. */
  readonly openMetricsPort: boolean;
  /** Have the function read the nodes itself. */
  readonly direct: boolean;
  /** Create the missing VPC endpoints. */
  readonly createEndpoints: boolean;
}

/** Minutes between cycles where each read is paid for in the audit log. */
const AUDITED_INTERVAL_MINUTES = 5;

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
  readonly said: readonly string[];
  /** What will not work, or not for all, with the remedy. */
  readonly warnings: readonly string[];
}

/** Enough for a function that runs every minute; more would only multiply the cost of endpoints. */
const MAX_ZONES = 2;

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
    said: [
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
    warnings: [
      ...clusterWarnings(cluster, subnets),
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
          `node security group ${id} lets a prefix list in at tcp/${METRICS_PORT}; whether that contains the API server is not known: ${lookAt([id], vpc)}`,
      ),
      ...missingWarnings(missing, created, owners),
      ...endpointWarnings(vpc, subnets),
    ],
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
      `${cluster.vpcId} has no private subnet with a free address in ${[...zones].join(', ')}. A function gets no public address, so it reaches nothing from a public subnet: create a private one, with a NAT gateway or with endpoints.`,
    );
  // All with a way out or none: a function that reaches CloudWatch from one zone only fails every second minute.
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

function reasonFor({ id, way, available, isForPods }: SubnetFacts, { subnetIds }: ClusterFacts): string {
  return [
    {
      nat: 'private, out through NAT',
      other: 'private, out through another network',
      none: 'private, no way out',
      'internet-gateway': '',
    }[way],
    subnetIds.includes(id) ? 'one of the cluster' : 'not one of the cluster',
    ...(isForPods ? ['shared with pods, because there is no other'] : []),
    `${available} free addresses`,
  ].join(', ');
}

function clusterWarnings(cluster: ClusterFacts, subnets: readonly SubnetFacts[]): string[] {
  const { name, region } = cluster;
  return [
    ...(cluster.status === 'ACTIVE' ? [] : [`the cluster is ${cluster.status}, not ACTIVE`]),
    ...(cluster.isPrivate
      ? []
      : [
          `the API server has a public endpoint only: the function reaches it ${subnets.some(hasWayOut) ? 'through NAT, whose addresses publicAccessCidrs must contain' : 'not at all from these subnets'}. Better: aws eks update-cluster-config --region ${region} --name ${name} --resources-vpc-config endpointPrivateAccess=true`,
        ]),
    ...(cluster.authenticationMode === 'CONFIG_MAP'
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

/** The S3 gateway endpoint is a route with a policy, for everything in the subnets of its route tables. */
function s3Line(vpc: VpcFacts, subnets: readonly SubnetFacts[]): string {
  const tables = [...new Set(subnets.map(({ routeTableId }) => routeTableId))];
  const sharing = vpc.subnets.filter(({ routeTableId }) => tables.includes(routeTableId));
  return `endpoint s3: all traffic to S3 from ${sharing.map(({ id }) => id).join(', ')} will take it, since they use ${tables.join(', ')}. Only the function gets through, and only to the state bucket: nodes there cannot pull images from ECR through it`;
}

function directLine({ hasAuditLog }: ClusterFacts, { nodes, cidrs }: VpcFacts): string {
  const { gigabytes, dollars } = auditLog(nodes, 1);
  const saved = hasAuditLog
    ? `${gigabytes} of audit log (${dollars} a month in us-east-1, with an interval of 1)`
    : 'the API server one request for each node and cycle';
  return `SCRAPE_VIA: node, at addresses of ${cidrs.join(', ')}. For ${nodes} nodes it saves ${saved}, and adds no charge. Not checked: firewalls on the nodes, and network ACLs`;
}

function auditLine(nodes: number): string {
  const cost = (minutes: number) => {
    const { gigabytes, dollars } = auditLog(nodes, minutes);
    return `${gigabytes} (${dollars} in us-east-1)`;
  };
  return `METRIC_UPDATE_INTERVAL: ${AUDITED_INTERVAL_MINUTES}, since the cluster's audit log is on and each read writes two events to it. For ${nodes} nodes these are ${cost(AUDITED_INTERVAL_MINUTES)} a month, and ${cost(1)} with an interval of 1. Counters lose nothing by a longer interval. With --direct the function reads the nodes itself, without these events`;
}
