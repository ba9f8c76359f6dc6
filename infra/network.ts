import {
  CfnSecurityGroupEgress,
  type CfnSecurityGroupEgressProps,
  CfnSecurityGroupIngress,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { METRICS_PORT, type ScrapeWay } from '../lambda/contract.ts';
import { CollectorEndpoints, type Endpoint } from './vpc-endpoints.ts';

interface CollectorNetworkProps {
  readonly vpc: IVpc;
  /** Where the function's network interfaces are; one subnet for each zone. */
  readonly subnets: readonly ISubnet[];
  /** The cluster security group: the API server's interfaces carry it. */
  readonly clusterSecurityGroupId: string;
  /** Node security groups to open on the metrics port, for the API server or for the function. */
  readonly nodeSecurityGroupIds: readonly string[];
  /** Undefined: no pods are read, so neither the API server nor nodes need to be reached. */
  readonly scrapeVia: ScrapeWay | undefined;
  readonly endpoints: readonly Endpoint[];
  /** Services that the function calls. */
  readonly calls: readonly Endpoint[];
  /** The region's prefix list of S3. @default - egress is not limited to what the function uses */
  readonly s3PrefixListId: string | undefined;
}

const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 } as const;
const METRICS = { ipProtocol: 'tcp', fromPort: METRICS_PORT, toPort: METRICS_PORT } as const;

/** The paths from the function to the API server and to AWS, and from the API server or the function to the nodes. */
export class CollectorNetwork extends Construct {
  readonly securityGroup: SecurityGroup;
  readonly endpoints: CollectorEndpoints;

  constructor(scope: Construct, id: string, props: CollectorNetworkProps) {
    super(scope, id);
    const { vpc, clusterSecurityGroupId } = props;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'CNI metrics collector',
      allowAllOutbound: false,
    });
    const { securityGroup } = this;
    this.endpoints = new CollectorEndpoints(this, 'Endpoints', { ...props, securityGroup });
    this.#allowEgress(props);
    if (props.scrapeVia === undefined) return;
    // Rules as resources of this stack: a security group of another stack would otherwise depend on this one.
    new CfnSecurityGroupIngress(this, 'ApiServerIngress', {
      groupId: clusterSecurityGroupId,
      sourceSecurityGroupId: securityGroup.securityGroupId,
      ...HTTPS,
      description: 'CNI metrics collector to the API server',
    });
    if (props.scrapeVia === 'node') this.#openNodes(props);
    else
      props.nodeSecurityGroupIds.forEach((groupId, index) => {
        new CfnSecurityGroupIngress(this, `MetricsIngress${index}`, {
          groupId,
          sourceSecurityGroupId: clusterSecurityGroupId,
          ...METRICS,
          description: 'API server to the metrics of aws-node',
        });
      });
  }

  /** Nodes without a group of their own carry the cluster security group. */
  #openNodes({ nodeSecurityGroupIds, clusterSecurityGroupId }: CollectorNetworkProps): void {
    const { securityGroupId } = this.securityGroup;
    const groups = nodeSecurityGroupIds.length > 0 ? nodeSecurityGroupIds : [clusterSecurityGroupId];
    const description = 'CNI metrics collector to the metrics of aws-node';
    groups.forEach((nodes, index) => {
      new CfnSecurityGroupIngress(this, `NodeIngress${index}`, {
        groupId: nodes,
        sourceSecurityGroupId: securityGroupId,
        ...METRICS,
        description,
      });
      new CfnSecurityGroupEgress(this, `NodeEgress${index}`, {
        groupId: securityGroupId,
        destinationSecurityGroupId: nodes,
        ...METRICS,
        description,
      });
    });
  }

  /** Where every call takes an endpoint of this stack, nothing else is reachable. */
  #allowEgress({ scrapeVia, endpoints, calls, s3PrefixListId, ...props }: CollectorNetworkProps): void {
    const { securityGroup } = this;
    const { securityGroup: endpointGroup } = this.endpoints;
    if (s3PrefixListId === undefined || !calls.every((service) => endpoints.includes(service))) {
      securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'API server and AWS');
      securityGroup.addEgressRule(Peer.anyIpv6(), Port.tcp(443), 'API server and AWS');
      return;
    }
    // Rules as resources: the group keeps the rule by which CDK takes away EC2's own, which allows everything. A rule for a
    // prefix list would replace it, and leave the group without any rule of its own.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    const to = (name: string, destination: Destination, description: string) =>
      new CfnSecurityGroupEgress(this, name, {
        groupId: securityGroup.securityGroupId,
        ...destination,
        ...HTTPS,
        description,
      });
    to('S3Egress', { destinationPrefixListId: s3PrefixListId }, 'S3');
    if (scrapeVia !== undefined)
      to('ApiServerEgress', { destinationSecurityGroupId: props.clusterSecurityGroupId }, 'API server');
    if (endpointGroup)
      to('EndpointEgress', { destinationSecurityGroupId: endpointGroup.securityGroupId }, 'VPC endpoints');
  }
}

type Destination = Pick<
  CfnSecurityGroupEgressProps,
  'destinationPrefixListId' | 'destinationSecurityGroupId'
>;
