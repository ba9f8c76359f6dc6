import { ASK_EKS, type InjectableFault } from './fault.ts';

const MINUTE_MS = 60_000;

/** Settings, credentials, and the cluster as EKS describes it. */
export const ACCOUNT_FAULTS = {
  configuration: {
    description: 'SUBNET_IDS is not a list of subnet ids',
    inject: () => ({ environment: { SUBNET_IDS: 'all of them' } }),
  },
  credentials: {
    description: 'there are no AWS credentials',
    inject: () => ({
      environment: {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SESSION_TOKEN: undefined,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    }),
  },
  'credentials-expired': {
    description: 'the credentials have expired',
    inject: () => ({ environment: { AWS_SESSION_TOKEN: 'of-yesterday' } }),
  },
  'eks-right': {
    description: 'the role is not allowed to describe the cluster',
    inject({ eks }) {
      eks.faults.always = {
        status: 403,
        code: 'AccessDeniedException',
        message: 'User is not authorized to perform: eks:DescribeCluster',
      };
      return { environment: ASK_EKS };
    },
  },
  'cluster-name': {
    description: 'CLUSTER_NAME is not the name of a cluster',
    inject: () => ({ environment: { ...ASK_EKS, CLUSTER_NAME: 'embeded' } }),
  },
  'cluster-status': {
    description: 'the cluster is still being created',
    inject({ eksCluster }) {
      eksCluster.status = 'CREATING';
      return { environment: ASK_EKS };
    },
  },
  clock: {
    description: "the function's clock is ten minutes ahead",
    inject: () => ({ clockAheadMs: 10 * MINUTE_MS }),
  },
} satisfies Record<string, InjectableFault>;
