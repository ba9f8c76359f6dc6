import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { ClusterReader } from '../../collect/ports.ts';
import type { Deadline } from '../../deadline.ts';
import { CollectorError } from '../../errors.ts';
import type { EksCluster } from '../aws/eks-cluster.ts';

type Connected = ClusterReader & { close(): void };

/**
 * The cluster at the endpoint that EKS names. Where it cannot be reached or trusted there, EKS is asked again: a
 * cluster that was created again under its name has another endpoint and CA. Only if the endpoint is the same does
 * the call fail.
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
