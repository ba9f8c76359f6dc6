import type { EKSClient } from '@aws-sdk/client-eks';
import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { Deadline } from '../../deadline.ts';
import { CollectorError } from '../../errors.ts';
import { CLIENT_LIMITS, callOptions } from './client-limits.ts';
import { type AwsErrorKind, classifyAwsError } from './error.ts';

/** What EKS returns about a cluster. */
export interface ClusterDescription {
  readonly endpoint: ClusterEndpoint;
  /** Undefined if EKS returns none. */
  readonly vpcId: string | undefined;
  /** The subnets named when the cluster was created. */
  readonly subnetIds: readonly string[];
}

export interface EksCluster {
  /** Asks EKS once, then remembers the answer. @throws CollectorError `describe-cluster-failed`, `credentials-missing` */
  describe(deadline: Deadline): Promise<ClusterDescription>;
  /** For use after a TLS or connection failure: a cluster recreated under its name has a new endpoint and CA. */
  forget(): void;
}

interface Settings {
  readonly clusterName: string;
  readonly region: string;
}

/** Asks EKS (eks:DescribeCluster) about the cluster. */
export function eksCluster(settings: Settings): EksCluster {
  let client: Promise<Eks> | undefined;
  let known: Promise<ClusterDescription> | undefined;

  return {
    describe(deadline) {
      client ??= connect(settings.region);
      const asked = known ?? describe(client, settings, deadline);
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

/** Loaded on first use: a cold start does not pay for it if endpoint and CA are given. */
async function connect(region: string): Promise<Eks> {
  const { EKSClient, DescribeClusterCommand } = await import('@aws-sdk/client-eks');
  return { client: new EKSClient({ region, ...CLIENT_LIMITS }), DescribeClusterCommand };
}

async function describe(
  eks: Promise<Eks>,
  { clusterName: name, region }: Settings,
  deadline: Deadline,
): Promise<ClusterDescription> {
  const what = `cluster ${name} in ${region}`;
  try {
    const { client, DescribeClusterCommand } = await eks;
    const command = new DescribeClusterCommand({ name });
    const { cluster } = await client.send(command, callOptions(deadline));
    const { endpoint, certificateAuthority, resourcesVpcConfig, status } = cluster ?? {};
    if (!endpoint || !certificateAuthority?.data)
      throw new CollectorError(
        'describe-cluster-failed',
        `${what} has no endpoint or CA, its status is ${status}`,
        { remedy: 'Wait until it is ACTIVE.' },
      );
    return {
      endpoint: {
        url: new URL(endpoint),
        ca: Buffer.from(certificateAuthority.data, 'base64').toString('utf8'),
      },
      vpcId: resourcesVpcConfig?.vpcId,
      subnetIds: resourcesVpcConfig?.subnetIds ?? [],
    };
  } catch (cause) {
    if (cause instanceof CollectorError) throw cause;
    const { kind, what: reason } = classifyAwsError(cause);
    if (kind === 'credentials') throw new CollectorError('credentials-missing', reason, { cause });
    const remedy = REMEDIES[kind];
    throw new CollectorError('describe-cluster-failed', `${what}: ${reason}`, {
      ...(remedy && { remedy }),
      cause,
    });
  }
}

const REMEDIES: Readonly<Partial<Record<AwsErrorKind, string>>> = {
  denied: "Allow eks:DescribeCluster on the cluster's ARN, or set CLUSTER_ENDPOINT and CLUSTER_CA.",
  absent: 'Check CLUSTER_NAME, and that the function runs in the account and region of the cluster.',
  unreachable:
    'Give the function a network path to the EKS API (interface endpoint eks or NAT), or set CLUSTER_ENDPOINT and CLUSTER_CA.',
};
