/** What EKS and EC2 say about a cluster, as far as the choice depends on it. */
export interface ClusterFacts {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly version: string;
  /** `ACTIVE`, or what keeps it from being that. */
  readonly status: string;
  readonly endpoint: string;
  /** Base64 of the PEM. */
  readonly certificateAuthority: string;
  readonly authenticationMode: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';
  readonly isAutoMode: boolean;
  /** Fargate profiles, and no node groups. */
  readonly hasFargateOnly: boolean;
  /** Whether the audit log goes to CloudWatch Logs. */
  readonly hasAuditLog: boolean;
  readonly isIpv6: boolean;
  readonly isPublic: boolean;
  readonly isPrivate: boolean;
  readonly vpcId: string;
  /** The group EKS made for the cluster. */
  readonly securityGroupId: string;
  /** Further groups of the API server's network interfaces. */
  readonly extraSecurityGroupIds: readonly string[];
  /** Where the API server's network interfaces are. */
  readonly subnetIds: readonly string[];
}

export interface SubnetFacts {
  readonly id: string;
  readonly availabilityZone: string;
  /** Absent for an IPv6-only subnet. */
  readonly cidr: string | undefined;
  readonly ipv6Cidrs: readonly string[];
  /** Account that owns it; another one where the subnet is shared. */
  readonly owner: string;
  readonly available: number;
  readonly routeTableId: string;
  /** Where its default route leads. */
  readonly way: 'internet-gateway' | 'nat' | 'other' | 'none';
  /** Whether a gateway endpoint for S3 is in its route table, or an interface endpoint answers in the whole VPC. */
  readonly hasS3: boolean;
  /** Tagged kubernetes.io/role/cni: the CNI hands its addresses to pods. */
  readonly isForPods: boolean;
}

/** An interface endpoint with private DNS: it takes the calls of the whole VPC. */
export interface EndpointFacts {
  readonly id: string;
  /** The last part of the service's name: `monitoring`. */
  readonly service: string;
  readonly securityGroupIds: readonly string[];
}

/** An endpoint whose policy is not the default one, which allows everything. */
export interface GuardedEndpoint {
  readonly id: string;
  /** As that of EndpointFacts. */
  readonly service: string;
  /** Of a gateway endpoint; undefined: an interface endpoint, which takes the calls of the whole VPC. */
  readonly routeTableIds: readonly string[] | undefined;
}

export interface VpcFacts {
  /** Of IPv4, the further ones of the VPC included. */
  readonly cidrs: readonly string[];
  readonly subnets: readonly SubnetFacts[];
  readonly endpoints: readonly EndpointFacts[];
  readonly guarded: readonly GuardedEndpoint[];
  /** Running instances of the cluster in this VPC, without those of EKS Auto Mode. */
  readonly nodes: number;
  /** The sets of security groups that these carry, each once. */
  readonly nodeGroups: readonly (readonly string[])[];
  /** Where other running instances of the cluster are. */
  readonly otherVpcIds: readonly string[];
  readonly securityGroups: ReadonlyMap<string, readonly IngressRule[]>;
  /** The region's prefix list of S3. */
  readonly s3PrefixListId: string | undefined;
}

export interface IngressRule {
  /** `tcp`, `-1` for all protocols, … */
  readonly protocol: string;
  /** Absent: all ports. */
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly sourceGroupIds: readonly string[];
  /** IPv4 and IPv6. */
  readonly sourceCidrs: readonly string[];
  readonly prefixListIds: readonly string[];
}
