import {
  type AwsAccount,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  startAwsEndpoint,
} from './endpoint.ts';

/** What EKS knows of the embedded cluster; may be changed at any time. */
export interface EksCluster {
  readonly name: string;
  /** https:// of the API server. */
  endpoint: string;
  /** PEM */
  ca: string;
  status: 'CREATING' | 'ACTIVE' | 'DELETING' | 'FAILED' | 'UPDATING' | 'PENDING';
  authenticationMode: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

/** DescribeCluster's `cluster`. */
export type ClusterDescription = { readonly name: string } & Readonly<Record<string, unknown>>;

/** What a cluster has, by the last part of the path and the field of the answer. */
export interface ClusterLists {
  readonly 'fargate-profiles': { readonly fargateProfileNames: readonly string[] };
  readonly 'node-groups': { readonly nodegroups: readonly string[] };
}

const NOTHING: ClusterLists = {
  'fargate-profiles': { fargateProfileNames: [] },
  'node-groups': { nodegroups: [] },
};

/**
 * EKS as far as DescribeCluster, ListFargateProfiles and ListNodegroups.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html
 */
export function startEks(
  account: AwsAccount,
  describe: () => ClusterDescription,
  lists: ClusterLists = NOTHING,
): Promise<AwsEndpoint> {
  return startAwsEndpoint(
    {
      signingName: 'eks',
      unknownKey: 'UnrecognizedClientException',
      render,
      serve({ method, path }) {
        const [, name, list] = /^\/clusters\/([^/]+)(?:\/(fargate-profiles|node-groups))?$/.exec(path) ?? [];
        if (method !== 'GET' || name === undefined) {
          throw new AwsRefusal('UnknownOperationException', `${method} ${path} is not known`, 404);
        }
        const cluster = describe();
        if (decodeURIComponent(name) !== cluster.name) {
          throw new AwsRefusal('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
        }
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(list === undefined ? { cluster } : lists[list as keyof ClusterLists]),
        };
      },
    },
    account,
  );
}

/** The embedded cluster as EKS describes it. */
export function descriptionOf(cluster: EksCluster, region: string): ClusterDescription {
  return {
    name: cluster.name,
    arn: `arn:aws:eks:${region}:111122223333:cluster/${cluster.name}`,
    createdAt: 1_735_689_600,
    version: '1.34',
    endpoint: cluster.endpoint,
    roleArn: 'arn:aws:iam::111122223333:role/cluster',
    resourcesVpcConfig: {
      subnetIds: cluster.subnetIds,
      securityGroupIds: [],
      clusterSecurityGroupId: cluster.securityGroupId,
      vpcId: cluster.vpcId,
      endpointPublicAccess: false,
      endpointPrivateAccess: true,
      publicAccessCidrs: [],
    },
    kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16', ipFamily: 'ipv4' },
    status: cluster.status,
    certificateAuthority: { data: Buffer.from(cluster.ca).toString('base64') },
    platformVersion: 'eks.9',
    tags: {},
    accessConfig: { authenticationMode: cluster.authenticationMode },
  };
}

/** AWS REST-JSON. */
function render({ status, code, message }: AwsError) {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ message }),
  };
}
