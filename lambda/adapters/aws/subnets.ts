import type { Subnet as EC2Subnet, Filter } from '@aws-sdk/client-ec2';
import type { SubnetReader, SubnetReading } from '../../collect/ports.ts';
import type { Deadline } from '../../deadline.ts';
import {
  CLUSTER_TAG_PREFIX,
  type ClusterNetwork,
  CNI_TAG,
  KARPENTER_TAG,
  type Subnet,
  subnetsOf,
} from '../../domain/subnets/subnet.ts';
import { callOptions, SHORT_CALLS_MS } from './client-limits.ts';
import { type Ec2, ec2Calls } from './ec2-calls.ts';
import type { EksCluster } from './eks-cluster.ts';

interface Settings {
  readonly clusterName: string;
  readonly region: string;
  /** Subnets that count whatever tags they have. */
  readonly ids: readonly string[];
  /** Returns the VPC and further subnets. Undefined: EKS is not asked. */
  readonly eks: EksCluster | undefined;
}

/** Each can have 100 KB of tags, as an interface can: 600 of them in a page take more memory than a function has. */
const PAGE_SIZE = 200;

/**
 * Asks EC2 (ec2:DescribeSubnets) for the subnets with the known ids and for those tagged
 * kubernetes.io/cluster/<name>, karpenter.sh/discovery=<name> or kubernetes.io/role/cni=1.
 */
export function clusterSubnets({ clusterName, region, ids, eks }: Settings): SubnetReader {
  const call = ec2Calls(region);

  return async (deadline) => {
    // If EKS does not answer, listing the pods fails for the same reason and reports it.
    const known = await eks?.describe(deadline).catch(() => undefined);
    const network = { clusterName, subnetIds: [...ids, ...(known?.subnetIds ?? [])], vpcId: known?.vpcId };
    const limit = deadline.within(SHORT_CALLS_MS.subnets);
    const answer = await call('DescribeSubnets', limit, (ec2) => findSubnets(ec2, network, limit));
    if ('warning' in answer) return { subnets: [], warning: answer.warning };
    return { subnets: subnetsOf(network, answer.found), ...absence(network, answer.found) };
  };
}

/** By filter, not by SubnetIds, because there one unknown id fails the whole request. */
async function findSubnets(
  { client, paginateDescribeSubnets }: Ec2,
  { clusterName, subnetIds, vpcId }: ClusterNetwork,
  deadline: Deadline,
): Promise<Subnet[]> {
  const tagged: Filter[] = [
    { Name: 'tag-key', Values: [CLUSTER_TAG_PREFIX + clusterName, KARPENTER_TAG, CNI_TAG] },
    ...(vpcId === undefined ? [] : [{ Name: 'vpc-id', Values: [vpcId] }]),
  ];
  const queries = [
    tagged,
    ...(subnetIds.length === 0 ? [] : [[{ Name: 'subnet-id', Values: [...subnetIds] }]]),
  ];
  const answers = await Promise.all(
    queries.map(async (Filters) => {
      const subnets: Subnet[] = [];
      const pages = paginateDescribeSubnets(
        { client, pageSize: PAGE_SIZE },
        { Filters },
        callOptions(deadline),
      );
      for await (const page of pages) subnets.push(...(page.Subnets ?? []).map(toSubnet));
      return subnets;
    }),
  );
  return answers.flat();
}

function toSubnet({
  SubnetId = '',
  VpcId = '',
  OwnerId,
  CidrBlock,
  AvailableIpAddressCount,
  Tags = [],
}: EC2Subnet): Subnet {
  const prefix = /\/(\d{1,3})$/.exec(CidrBlock ?? '')?.[1];
  return {
    id: SubnetId,
    vpcId: VpcId,
    prefix: prefix === undefined ? undefined : Number(prefix),
    ...(prefix !== undefined && CidrBlock !== undefined && { cidr: CidrBlock }),
    ...(OwnerId !== undefined && { ownerId: OwnerId }),
    available: AvailableIpAddressCount ?? 0,
    tags: new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

const OTHER_SUBNETS =
  'Check CLUSTER_NAME, and set SUBNET_IDS to subnets of this account and region, or SUBNET_METRICS=false.';

/** Names subnets that were asked for by id and do not exist, or says that none was found at all. */
function absence(
  network: ClusterNetwork,
  found: readonly Subnet[],
): Pick<SubnetReading, 'warning' | 'remedy'> {
  const missing = [...new Set(network.subnetIds)].filter((id) => !found.some((subnet) => subnet.id === id));
  if (missing.length > 0)
    return {
      warning: `EC2 has no subnet ${missing.join(', ')} in this account and region`,
      remedy: OTHER_SUBNETS,
    };
  if (found.length > 0) return {};
  return {
    warning:
      `no subnet is tagged ${CLUSTER_TAG_PREFIX}${network.clusterName}, ${KARPENTER_TAG}=${network.clusterName} ` +
      `or ${CNI_TAG}=1; set SUBNET_IDS`,
    remedy: OTHER_SUBNETS,
  };
}
