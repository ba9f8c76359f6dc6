import type { EKSClient } from '@aws-sdk/client-eks';
import { CollectorError } from '../../errors.ts';
import { abortAfter } from '../abort-after.ts';
import { CLIENT_LIMITS } from './client-limits.ts';
import { type AwsFailure, awsFailure } from './error.ts';

/** Where a cluster's API server is, and whom to trust about it. */
export interface ClusterAddress {
  readonly endpoint: URL;
  /** PEM */
  readonly ca: string;
  /** Undefined where EKS names none. */
  readonly vpcId: string | undefined;
  /** Those the cluster was made with. */
  readonly subnetIds: readonly string[];
}

export interface EksCluster {
  /** Asked of EKS once, then remembered. @throws CollectorError `describe-cluster-failed`, `credentials-missing` */
  address(budgetMs: number): Promise<ClusterAddress>;
  /** After a TLS or connection failure: a cluster made again under its name has another endpoint and CA. */
  forget(): void;
}

interface Settings {
  readonly clusterName: string;
  readonly region: string;
}

/** Asks EKS (eks:DescribeCluster) for the cluster's address. */
export function eksCluster(settings: Settings): EksCluster {
  let client: Promise<Eks> | undefined;
  let known: Promise<ClusterAddress> | undefined;

  return {
    address(budgetMs) {
      client ??= connect(settings.region);
      const asked = known ?? describe(client, settings, budgetMs);
      known = asked;
      asked.catch(() => {
        if (known === asked) known = undefined;
      });
      return asked;
    },
    forget() {
      known = undefined;
    },
  };
}

type Eks = { readonly client: EKSClient } & Pick<
  typeof import('@aws-sdk/client-eks'),
  'DescribeClusterCommand'
>;

/** Loaded on first use: where endpoint and CA are given, no cold start pays for it. */
async function connect(region: string): Promise<Eks> {
  const { EKSClient, DescribeClusterCommand } = await import('@aws-sdk/client-eks');
  return { client: new EKSClient({ region, ...CLIENT_LIMITS }), DescribeClusterCommand };
}

async function describe(eks: Promise<Eks>, settings: Settings, budgetMs: number): Promise<ClusterAddress> {
  const { clusterName: name, region } = settings;
  const what = `cluster ${name} in ${region}`;
  try {
    const { client, DescribeClusterCommand } = await eks;
    const abortSignal = abortAfter(budgetMs);
    const { cluster } = await client.send(new DescribeClusterCommand({ name }), { abortSignal });
    const { endpoint, certificateAuthority, resourcesVpcConfig, status } = cluster ?? {};
    if (!endpoint || !certificateAuthority?.data)
      throw new CollectorError(
        'describe-cluster-failed',
        `${what} has no endpoint or CA, its status is ${status}`,
        {
          remedy: 'Wait until it is ACTIVE.',
        },
      );
    return {
      endpoint: new URL(endpoint),
      ca: Buffer.from(certificateAuthority.data, 'base64').toString('utf8'),
      vpcId: resourcesVpcConfig?.vpcId,
      subnetIds: resourcesVpcConfig?.subnetIds ?? [],
    };
  } catch (cause) {
    if (cause instanceof CollectorError) throw cause;
    const failure = awsFailure(cause);
    if (failure.kind === 'credentials')
      throw new CollectorError('credentials-missing', failure.what, { cause });
    const remedy = REMEDIES[failure.kind];
    throw new CollectorError('describe-cluster-failed', `${what}: ${failure.what}`, {
      ...(remedy && { remedy }),
      cause,
    });
  }
}

const REMEDIES: Readonly<Partial<Record<AwsFailure['kind'], string>>> = {
  denied: "Allow eks:DescribeCluster on the cluster's ARN, or set CLUSTER_ENDPOINT and CLUSTER_CA.",
  absent: 'Check CLUSTER_NAME, and that the function runs in the account and region of the cluster.',
  unreachable:
    'Give the function a way to the EKS API (interface endpoint eks or NAT), or set CLUSTER_ENDPOINT and CLUSTER_CA.',
};
