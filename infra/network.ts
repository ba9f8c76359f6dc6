import { Fn } from 'aws-cdk-lib';
import {
  CfnSecurityGroupIngress,
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { METRICS_PORT } from '../lambda/contract.ts';

/** Interface endpoints by the name in the configuration, with the variable that points the AWS SDK to them. */
const INTERFACE_ENDPOINTS = {
  monitoring: {
    service: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
    variable: 'AWS_ENDPOINT_URL_CLOUDWATCH',
  },
  eks: { service: InterfaceVpcEndpointAwsService.EKS, variable: 'AWS_ENDPOINT_URL_EKS' },
  ec2: { service: InterfaceVpcEndpointAwsService.EC2, variable: 'AWS_ENDPOINT_URL_EC2' },
} as const;

export const ENDPOINTS = ['monitoring', 's3', 'eks', 'ec2'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export interface CollectorNetworkProps {
  readonly vpc: IVpc;
  /** Where the function's network interfaces live; one subnet a zone. */
  readonly subnets: readonly ISubnet[];
  /** The cluster security group: the API server's interfaces carry it. */
  readonly clusterSecurityGroupId: string;
  /** Node security groups to be opened on the metrics port for the API server. */
  readonly nodeSecurityGroupIds: readonly string[];
  readonly endpoints: readonly Endpoint[];
}

/** The ways from the function to the API server and to AWS, and from the API server to the pods. */
export class CollectorNetwork extends Construct {
  readonly securityGroup: SecurityGroup;
  /** Environment variables that point the AWS SDK to the endpoints made here. */
  readonly variables: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: CollectorNetworkProps) {
    super(scope, id);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'CNI metrics collector',
      allowAllOutbound: false,
    });
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'API server and AWS');
    this.securityGroup.addEgressRule(Peer.anyIpv6(), Port.tcp(443), 'API server and AWS');
    // Rules as resources of this stack: a security group of another stack would otherwise depend on this one.
    new CfnSecurityGroupIngress(this, 'ApiServerIngress', {
      groupId: props.clusterSecurityGroupId,
      sourceSecurityGroupId: this.securityGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      description: 'CNI metrics collector to the API server',
    });
    props.nodeSecurityGroupIds.forEach((groupId, index) => {
      new CfnSecurityGroupIngress(this, `MetricsIngress${index}`, {
        groupId,
        sourceSecurityGroupId: props.clusterSecurityGroupId,
        ipProtocol: 'tcp',
        fromPort: METRICS_PORT,
        toPort: METRICS_PORT,
        description: 'API server to the metrics of aws-node',
      });
    });
    this.variables = this.#endpoints(props);
  }

  /**
   * Interface endpoints serve this function alone: with private DNS they would catch the calls of the whole
   * VPC. So the function is told their names instead.
   */
  #endpoints({ vpc, subnets, endpoints }: CollectorNetworkProps): Record<string, string> {
    if (endpoints.includes('s3')) {
      new GatewayVpcEndpoint(this, 'S3', {
        vpc,
        service: GatewayVpcEndpointAwsService.S3,
        subnets: [{ subnets: [...subnets] }],
      });
    }
    const names = endpoints.filter((endpoint) => endpoint !== 's3');
    if (names.length === 0) return {};
    const securityGroup = new SecurityGroup(this, 'EndpointSecurityGroup', {
      vpc,
      description: 'VPC endpoints of the CNI metrics collector',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(this.securityGroup, Port.tcp(443), 'CNI metrics collector');
    return Object.fromEntries(
      names.map((name) => {
        const { service, variable } = INTERFACE_ENDPOINTS[name];
        const endpoint = new InterfaceVpcEndpoint(this, `Endpoint-${name}`, {
          vpc,
          service,
          subnets: { subnets: [...subnets] },
          securityGroups: [securityGroup],
          open: false,
          privateDnsEnabled: false,
        });
        // `<hosted zone>:<name>`, the regional name first:
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
        const host = Fn.select(1, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries)));
        return [variable, `https://${host}`];
      }),
    );
  }
}
