import type { SubnetReader } from '../../collect/ports.ts';
import type { Deadline } from '../../deadline.ts';
import { failed, notNeeded, ok, type StepResult } from '../../diagnose/step-result.ts';
import type { Subnet } from '../../domain/subnets/subnet.ts';
import type { ClusterIdSource } from '../aws/cluster-id.ts';

/** Reads what settings need of EC2: the subnets, and tags of the instances. */
export async function probeEc2(
  subnets: SubnetReader | undefined,
  clusterIds: ClusterIdSource | undefined,
  deadline: Deadline,
): Promise<StepResult<readonly Subnet[]>> {
  if (!subnets && !clusterIds)
    return notNeeded('neither SUBNET_METRICS nor CLUSTER_ID_FROM=ec2-tags is set', []);
  const [reading, id] = await Promise.all([subnets?.(deadline), clusterIds?.resolve(deadline)]);
  if (reading?.warning !== undefined) {
    const step = failed('subnets-unavailable', reading.warning);
    return reading.remedy === undefined ? step : { ...step, remedy: reading.remedy };
  }
  const known = reading?.subnets ?? [];
  if (id?.warning !== undefined) return { ...failed('cluster-id-fallback', id.warning), value: known };
  return ok(
    [
      ...(reading ? [`${known.length} subnets of the cluster are known`] : []),
      ...(id ? [`CLUSTER_ID is ${id.value}`] : []),
    ].join('; '),
    known,
  );
}
