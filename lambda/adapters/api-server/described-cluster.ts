import type { ClusterApi } from '../../collect/ports.ts';
import { CollectorError } from '../../errors.ts';
import type { ClusterAddress, EksCluster } from '../aws/eks-cluster.ts';

type Connected = ClusterApi & { close(): void };

/**
 * The cluster at the address that EKS tells. Where it cannot be reached or trusted there, EKS is asked anew, since
 * a cluster made again under its name has another endpoint and CA; only if the address is the same it is a failure.
 */
export function describedCluster(
  eks: EksCluster,
  connect: (address: ClusterAddress) => Connected,
): ClusterApi {
  let current: { address: ClusterAddress; api: Connected } | undefined;

  const reach = async (budgetMs: number): Promise<Connected> => {
    const address = await eks.address(budgetMs);
    if (current?.address !== address) {
      current?.api.close();
      current = { address, api: connect(address) };
    }
    return current.api;
  };

  return {
    async listPods(budgetMs) {
      const deadline = performance.now() + budgetMs;
      const left = () => deadline - performance.now();
      const api = await reach(left());
      try {
        return await api.listPods(left());
      } catch (error) {
        const before = current?.address;
        if (!isUnreachable(error) || before === undefined) throw error;
        eks.forget();
        const now = await eks.address(left());
        if (now.endpoint.href === before.endpoint.href && now.ca === before.ca) throw error;
        return (await reach(left())).listPods(left());
      }
    },
    async readMetrics(pod, budgetMs) {
      return (await reach(budgetMs)).readMetrics(pod, budgetMs);
    },
  };
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof CollectorError && (error.code === 'api-unreachable' || error.code === 'api-tls');
