import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { ClusterReader } from '../../collect/ports.ts';
import type { Deadline } from '../../deadline.ts';
import { CollectorError } from '../../errors.ts';
import type { EksCluster } from '../aws/eks-cluster.ts';

type Connected = ClusterReader & { close(): void };

/**
 * The cluster at the endpoint that EKS returns. If it cannot be reached or trusted there, EKS is asked again, because a
 * cluster that was recreated under its name has a new endpoint and CA. If the endpoint is the same, the call fails.
 */
export function describedCluster(
  eks: EksCluster,
  connect: (endpoint: ClusterEndpoint) => Connected,
): ClusterReader {
  let current: { endpoint: ClusterEndpoint; reader: Connected } | undefined;

  const reach = async (deadline: Deadline): Promise<Connected> => {
    const { endpoint } = await eks.describe(deadline);
    if (current?.endpoint === endpoint) return current.reader;
    current?.reader.close();
    const reader = connect(endpoint);
    current = { endpoint, reader };
    return reader;
  };

  return {
    async listPods(deadline) {
      const reader = await reach(deadline);
      try {
        return await reader.listPods(deadline);
      } catch (error) {
        const before = current?.endpoint;
        if (!isUnreachable(error) || before === undefined) throw error;
        eks.forget();
        const { endpoint } = await eks.describe(deadline);
        if (endpoint.url.href === before.url.href && endpoint.ca === before.ca) throw error;
        return (await reach(deadline)).listPods(deadline);
      }
    },
    async readMetrics(pod, deadline) {
      return (await reach(deadline)).readMetrics(pod, deadline);
    },
  };
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof CollectorError && (error.code === 'api-unreachable' || error.code === 'api-tls');
