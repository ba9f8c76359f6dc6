import { type Cluster, DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import type { ApiServer, Slice } from '../../collect/ports.ts';
import { type Finding, failed, ok } from '../../diagnose/step-result.ts';
import { CLIENT_LIMITS } from '../aws/client-limits.ts';
import { awsFault } from './aws-failure.ts';

/** Asks EKS where the cluster's API server is, what to trust there and where it looks for roles. */
export async function describeCluster(
  clusterName: string,
  region: string,
  { signal }: Slice,
): Promise<Finding<ApiServer>> {
  const client = new EKSClient({ region, ...CLIENT_LIMITS });
  try {
    const command = new DescribeClusterCommand({ name: clusterName });
    const { cluster = {} } = await client.send(command, { abortSignal: signal });
    return judge(cluster, clusterName);
  } catch (error) {
    return awsFault(
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

function judge(cluster: Cluster, name: string): Finding<ApiServer> {
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
    endpoint: new URL(endpoint),
    ca: Buffer.from(data, 'base64').toString(),
    authenticationMode: mode,
  });
}

const onOff = (value: boolean | undefined) => (value ? 'on' : 'off');
