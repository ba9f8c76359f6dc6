import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { AuthenticationMode, type ICluster } from 'aws-cdk-lib/aws-eks';
import type { Construct } from 'constructs';
import type { ClusterOptions, CniMetricsOptions } from './options.ts';
import { ConfigurationError } from './schema/faults.ts';
import type { Settings } from './settings.ts';

/** A cluster of `aws-eks` or `aws-eks-v2`, created or imported. Only what both have in common is named here. */
export type AppCluster = Pick<
  ICluster,
  | 'node'
  | 'env'
  | 'vpc'
  | 'clusterName'
  | 'clusterEndpoint'
  | 'clusterCertificateAuthorityData'
  | 'clusterSecurityGroupId'
> & { readonly authenticationMode?: AuthenticationMode | undefined };

/** A cluster of a CDK app. */
export interface ForClusterProps extends CniMetricsOptions {
  readonly cluster: AppCluster;
  /** @default - the private subnets of the cluster's VPC */
  readonly subnets?: readonly ISubnet[] | undefined;
}

/** What the collector needs to know of a cluster of the app. @throws ConfigurationError with all that is missing */
export function clusterOfApp(
  scope: Construct,
  { cluster, subnets, access, settings }: ForClusterProps,
): { readonly cluster: ClusterOptions; readonly vpc: IVpc; readonly subnets: readonly ISubnet[] } {
  const vpc = given(() => cluster.vpc);
  const chosen = subnets ?? vpc?.privateSubnets ?? [];
  const securityGroupId = given(() => cluster.clusterSecurityGroupId);
  const faults = [
    ...placeFaults(scope, cluster),
    ...(vpc ? [] : ['the imported cluster has no VPC: give vpc to fromClusterAttributes']),
    ...(vpc && chosen.length === 0
      ? ['its VPC has no private subnets: give the subnets of the function']
      : []),
    ...(securityGroupId === undefined
      ? ['the imported cluster has no clusterSecurityGroupId: give it to fromClusterAttributes']
      : []),
    ...(authenticationModeOf(cluster) === AuthenticationMode.CONFIG_MAP &&
    access !== 'aws-auth' &&
    settings?.PODS !== 'none'
      ? [
          "the cluster's authentication mode is CONFIG_MAP (the default of aws-eks): set authenticationMode to API_AND_CONFIG_MAP, or set access to aws-auth and map the role yourself",
        ]
      : []),
  ];
  if (!vpc || securityGroupId === undefined || faults.length > 0)
    throw new ConfigurationError(
      [`The cluster ${cluster.node.path} cannot be used.`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
    );
  const endpoint = given(() => cluster.clusterEndpoint);
  const certificateAuthority = given(() => cluster.clusterCertificateAuthorityData);
  return {
    vpc,
    subnets: chosen,
    cluster: {
      name: cluster.clusterName,
      // With one of the two missing, the function asks EKS for both.
      ...(endpoint && certificateAuthority && { endpoint, certificateAuthority }),
      securityGroupId,
    },
  };
}

/** Adds a warning where the cluster's nodes have no aws-node pods, and the settings do not say so. */
export function warnOfAutoMode(scope: Construct, cluster: AppCluster, settings: Settings = {}): void {
  const { computeConfig } = Object(cluster.node.defaultChild);
  if (Object(computeConfig).enabled === true && settings.PODS !== 'none')
    Annotations.of(scope).addWarningV2(
      'eks-cni-metrics:auto-mode',
      'The cluster runs EKS Auto Mode (the default of aws-eks-v2). Its nodes have no aws-node pods: only other nodes are read. If there are none, set PODS to none and SUBNET_METRICS to true.',
    );
}

/** Imported clusters throw for attributes that they do not have. */
function given<Value>(attribute: () => Value): Value | undefined {
  try {
    return attribute();
  } catch {
    return undefined;
  }
}

/** The collector, its rule at the cluster security group and its access entry must be where the cluster is. */
function placeFaults(scope: Construct, cluster: AppCluster): string[] {
  const own = Stack.of(scope);
  const differs = (a: string, b: string) => !Token.isUnresolved(a) && !Token.isUnresolved(b) && a !== b;
  const place = (name: string, theirs: string, ours: string) =>
    differs(theirs, ours)
      ? [
          `it is in the ${name} ${theirs}, and this stack in ${ours}: deploy the collector where the cluster is`,
        ]
      : [];
  return [
    ...place('account', cluster.env.account, own.account),
    ...place('region', cluster.env.region, own.region),
  ];
}

/** Undefined where it is not known: for imported clusters, and for those of aws-eks-v2, which have the mode API. */
function authenticationModeOf(cluster: AppCluster): AuthenticationMode | undefined {
  const isCreated = cluster.node.tryFindChild('Resource') !== undefined;
  // Only clusters of aws-eks have this property. EKS takes its absence as CONFIG_MAP.
  return isCreated && 'authenticationMode' in cluster
    ? (cluster.authenticationMode ?? AuthenticationMode.CONFIG_MAP)
    : undefined;
}
