import { Fn } from 'aws-cdk-lib';
import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISubnet,
  type IVpc,
  Port,
  SecurityGroup,
  type VpcEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { type IRole, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Interface endpoints by their name in the configuration, with the variable that points the AWS SDK to them. */
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

interface CollectorEndpointsProps {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly endpoints: readonly Endpoint[];
  /** Of the function. */
  readonly securityGroup: SecurityGroup;
}

/**
 * VPC endpoints that serve this function alone. Interface endpoints have no private DNS, which would catch the calls of the
 * whole VPC: the function is given their names instead. The S3 gateway endpoint is a route that everything in its route tables
 * takes, so its policy names the state bucket alone.
 */
export class CollectorEndpoints extends Construct {
  /** Environment variables that point the AWS SDK to the endpoints. */
  readonly variables: Readonly<Record<string, string>>;
  /** Carried by the interface endpoints; undefined where there are none. */
  readonly securityGroup: SecurityGroup | undefined;
  readonly #endpoints = new Map<Endpoint, VpcEndpoint>();

  constructor(scope: Construct, id: string, props: CollectorEndpointsProps) {
    super(scope, id);
    const { vpc, subnets, endpoints } = props;
    if (endpoints.includes('s3'))
      this.#endpoints.set(
        's3',
        new GatewayVpcEndpoint(this, 'S3', {
          vpc,
          service: GatewayVpcEndpointAwsService.S3,
          subnets: [{ subnets: [...subnets] }],
        }),
      );
    const names = endpoints.filter((endpoint) => endpoint !== 's3');
    if (names.length > 0) {
      this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
        vpc,
        description: 'VPC endpoints of the CNI metrics collector',
        allowAllOutbound: false,
      });
      this.securityGroup.addIngressRule(props.securityGroup, Port.tcp(443), 'CNI metrics collector');
    }
    this.variables = Object.fromEntries(
      names.map((name) => {
        const { service, variable } = INTERFACE_ENDPOINTS[name];
        const endpoint = new InterfaceVpcEndpoint(this, name, {
          vpc,
          service,
          subnets: { subnets: [...subnets] },
          securityGroups: this.securityGroup ? [this.securityGroup] : [],
          open: false,
          privateDnsEnabled: false,
        });
        this.#endpoints.set(name, endpoint);
        // `<hosted zone>:<name>`, the regional name first:
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
        const host = Fn.select(1, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries)));
        return [variable, `https://${host}`];
      }),
    );
  }

  /** Lets nothing through but the calls of the collector. */
  restrictTo({ role, bucket, ec2Actions }: { role: IRole; bucket: Bucket; ec2Actions: readonly string[] }) {
    const allow = (name: Endpoint, actions: readonly string[], resources: readonly string[]) =>
      this.#endpoints.get(name)?.addToPolicy(
        new PolicyStatement({
          principals: [new StarPrincipal()],
          actions: [...actions],
          resources: [...resources],
          // Gateway endpoints accept no other principal than "*":
          // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
          conditions: { ArnEquals: { 'aws:PrincipalArn': role.roleArn } },
        }),
      );
    allow(
      's3',
      ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
      [bucket.bucketArn, bucket.arnForObjects('*')],
    );
    allow('monitoring', ['cloudwatch:PutMetricData'], ['*']);
    allow('eks', ['eks:DescribeCluster'], ['*']);
    allow('ec2', ec2Actions, ['*']);
  }
}
