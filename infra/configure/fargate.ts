import { type EKSClient, paginateListFargateProfiles, paginateListNodegroups } from '@aws-sdk/client-eks';
import { collect, isDenied } from './aws-calls.ts';

/**
 * Whether EKS knows Fargate profiles of the cluster and no node groups. Nodes that EKS does not manage are not among
 * these. False where the principal may not ask.
 * @throws Error as ask, for other failures
 */
export async function hasFargateOnly(client: EKSClient, clusterName: string): Promise<boolean> {
  try {
    const [profiles, groups] = await Promise.all([
      collect(
        'eks:ListFargateProfiles',
        paginateListFargateProfiles({ client }, { clusterName }),
        (page) => page.fargateProfileNames,
      ),
      collect(
        'eks:ListNodegroups',
        paginateListNodegroups({ client }, { clusterName }),
        (page) => page.nodegroups,
      ),
    ]);
    return profiles.length > 0 && groups.length === 0;
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Error && isDenied(error.cause.name)) return false;
    throw error;
  }
}
