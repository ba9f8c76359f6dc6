import type { Instance } from '@aws-sdk/client-ec2';
import { DIMENSION_VALUE } from '../../contract.ts';
import type { Deadline } from '../../deadline.ts';
import { callOptions, SHORT_CALLS_MS } from './client-limits.ts';
import { type Ec2, ec2Calls } from './ec2-calls.ts';

/** The value of the dimension CLUSTER_ID. */
export interface ClusterId {
  readonly value: string;
  /** Why no tag could be used; the value is the cluster's name then. */
  readonly warning?: string;
}

export interface ClusterIdSource {
  /** Asks EC2 until a tag is found, then remembers it. Never rejects. */
  resolve(deadline: Deadline): Promise<ClusterId>;
}

interface Settings {
  readonly clusterName: string;
  readonly region: string;
}

const EKS_TAG = 'eks:cluster-name';
/** In the order of cni-metrics-helper. https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/publisher/publisher.go */
const TAGS = [EKS_TAG, 'CLUSTER_ID', 'Name'];
/**
 * EC2 filters page by page, so that a large account returns many empty pages: only a few are read.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
 */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;

/**
 * The value that cni-metrics-helper takes from the instance it runs on: the tag eks:cluster-name, CLUSTER_ID or
 * Name of an instance of the cluster (ec2:DescribeInstances). Nodes of every kind carry
 * kubernetes.io/cluster/<name>; EKS puts eks:cluster-name on those of managed groups.
 */
export function ec2TagClusterId({ clusterName, region }: Settings): ClusterIdSource {
  const call = ec2Calls(region);
  let found: string | undefined;
  const fallback = (why: string): ClusterId => ({
    value: clusterName,
    warning: `${why}; the cluster's name ${clusterName} is used`,
  });

  return {
    async resolve(deadline) {
      const limit = deadline.within(SHORT_CALLS_MS.clusterId);
      if (found === undefined) {
        const answer = await call('DescribeInstances', limit, (ec2) => findTag(ec2, clusterName, limit));
        if ('warning' in answer) return fallback(answer.warning);
        found = answer.found;
      }
      if (found !== undefined) return { value: found };
      return fallback(`no running instance of ${clusterName} in ${region} has a tag ${TAGS.join(', ')}`);
    },
  };
}

async function findTag(
  { client, paginateDescribeInstances }: Ec2,
  clusterName: string,
  deadline: Deadline,
): Promise<string | undefined> {
  const filters = [
    { Name: 'tag-key', Values: [`kubernetes.io/cluster/${clusterName}`] },
    { Name: 'tag:eks:cluster-name', Values: [clusterName] },
  ];
  for (const filter of filters) {
    const Filters = [filter, { Name: 'instance-state-name', Values: ['running'] }];
    const pages = paginateDescribeInstances(
      { client, pageSize: PAGE_SIZE },
      { Filters },
      callOptions(deadline),
    );
    let count = 0;
    for await (const { Reservations = [] } of pages) {
      const value = bestTag(
        Reservations.flatMap(({ Instances = [] }) => Instances),
        clusterName,
      );
      if (value !== undefined) return value;
      count += 1;
      if (count === MAX_PAGES) break;
    }
  }
  return undefined;
}

/**
 * The value that most instances have, so that the tag of one instance does not rename the cluster's metrics; of equally
 * many the lowest, so that the order of the instances does not matter. A value that CloudWatch refuses is no value, and
 * none of eks:cluster-name but the name of the cluster: EKS sets no other.
 */
function bestTag(instances: readonly Instance[], clusterName: string): string | undefined {
  const tags = instances.flatMap(({ Tags = [] }) => Tags);
  for (const key of TAGS) {
    const counts = new Map<string, number>();
    const isUsable = (value: string) =>
      key === EKS_TAG ? value === clusterName : DIMENSION_VALUE.test(value);
    for (const { Key, Value = '' } of tags)
      if (Key === key && isUsable(Value)) counts.set(Value, (counts.get(Value) ?? 0) + 1);
    const [best] = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
    if (best) return best[0];
  }
  return undefined;
}
