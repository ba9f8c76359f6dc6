import { ASK_EKS, type Link } from './fault.ts';

const MINUTE_MS = 60_000;

/** Settings, credentials and what EKS says of the cluster. */
export const ACCOUNT_LINKS = {
  configuration: {
    broken: 'SUBNET_IDS is no list of subnet ids',
    breakIn: () => ({ environment: { SUBNET_IDS: 'all of them' } }),
  },
  credentials: {
    broken: 'there are no AWS credentials',
    breakIn: () => ({
      environment: {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SESSION_TOKEN: undefined,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    }),
  },
  'credentials-expired': {
    broken: 'the credentials are those of yesterday',
    breakIn: () => ({ environment: { AWS_SESSION_TOKEN: 'of-yesterday' } }),
  },
  'eks-right': {
    broken: 'the role may not describe the cluster',
    breakIn({ eks }) {
      eks.faults.always = {
        status: 403,
        code: 'AccessDeniedException',
        message: 'User is not authorized to perform: eks:DescribeCluster',
      };
      return { environment: ASK_EKS };
    },
  },
  'cluster-name': {
    broken: 'CLUSTER_NAME names no cluster',
    breakIn: () => ({ environment: { ...ASK_EKS, CLUSTER_NAME: 'embeded' } }),
  },
  'cluster-status': {
    broken: 'the cluster is being made',
    breakIn({ eksCluster }) {
      eksCluster.status = 'CREATING';
      return { environment: ASK_EKS };
    },
  },
  clock: {
    broken: "the function's clock is ten minutes ahead",
    breakIn: () => ({ clockAheadMs: 10 * MINUTE_MS }),
  },
} satisfies Record<string, Link>;
