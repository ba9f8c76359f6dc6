import { type Cluster, DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import type { Deadline } from '../../deadline.ts';
import type { DescribedCluster } from '../../diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { CLIENT_LIMITS, callOptions } from '../aws/client-limits.ts';
import { awsFailure } from './aws-failure.ts';

/** Asks EKS for the endpoint of the cluster, its CA and how it maps roles. */
export async function describeCluster(
  clusterName: string,
  region: string,
  deadline: Deadline,
): Promise<StepResult<DescribedCluster>> {
  const client = new EKSClient({ region, ...CLIENT_LIMITS });
  try {
    const command = new DescribeClusterCommand({ name: clusterName });
    const { cluster = {} } = await client.send(command, callOptions(deadline));
    return check(cluster, clusterName);
  } catch (error) {
    return awsFailure(
      error,
      {
        denied: 'eks-denied',
        unreachable: 'eks-unreachable',
        ResourceNotFoundException: 'cluster-unknown',
      },
      { cluster: clusterName, region },
    );
  } finally {
    client.destroy();
  }
}

function check(cluster: Cluster, name: string): StepResult<DescribedCluster> {
  const { endpoint, status, version, accessConfig, resourcesVpcConfig: vpc = {} } = cluster;
  const data = cluster.certificateAuthority?.data;
  const mode = accessConfig?.authenticationMode;
  const seen = [
    `${name} is ${status}`,
    `Kubernetes ${version}`,
    endpoint ?? 'no endpoint',
    `private endpoint ${onOff(vpc.endpointPrivateAccess)}`,
    `public endpoint ${onOff(vpc.endpointPublicAccess)}`,
    `authentication mode ${mode ?? 'unknown'}`,
  ].join('; ');
  if (endpoint === undefined || data === undefined || !/^(ACTIVE|UPDATING)$/.test(status ?? ''))
    return failed('cluster-inactive', seen, { cluster: name });
  return ok(seen, {
    endpoint: { url: new URL(endpoint), ca: Buffer.from(data, 'base64').toString() },
    authenticationMode: mode,
  });
}

const onOff = (value: boolean | undefined) => (value ? 'on' : 'off');
