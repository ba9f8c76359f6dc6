import { devNull } from 'node:os';
import { CLUSTER_ACCESS } from '../lambda/contract.ts';
import { type Access, LEAST_RIGHTS, USER } from './api-server/access.ts';
import type { Wait } from './api-server/answer.ts';
import { type ApiServer, startApiServer } from './api-server/server.ts';
import { type CloudWatchEndpoint, startCloudWatch } from './aws/cloudwatch.ts';
import { type Ec2Endpoint, startEc2 } from './aws/ec2.ts';
import { descriptionOf, type EksCluster, startEks } from './aws/eks.ts';
import type { AwsEndpoint } from './aws/endpoint.ts';
import { type S3Endpoint, startS3 } from './aws/s3.ts';
import { startSts } from './aws/sts.ts';
import { SECURITY_GROUP_ID, VPC_ID, vpcActions } from './aws/vpc.ts';
import { createAuthority } from './certificates.ts';
import { LOOPBACK_NODES } from './loopback-nodes.ts';
import { startNodeServers } from './node-servers.ts';
import { createFleet, type Fleet, type FleetOptions, REGION } from './simulation/fleet.ts';

/**
 * An EKS cluster and the AWS services around it, on loopback: all that the unchanged function needs. Everything in it
 * can be inspected and broken while it runs.
 */
export interface EmbeddedCluster {
  readonly fleet: Fleet;
  readonly apiServer: ApiServer;
  /** Token keys, access entry and Role. */
  readonly access: Access;
  readonly cloudwatch: CloudWatchEndpoint;
  readonly ec2: Ec2Endpoint;
  readonly eks: AwsEndpoint;
  /** What DescribeCluster returns. */
  readonly eksCluster: EksCluster;
  readonly s3: S3Endpoint;
  readonly sts: AwsEndpoint;
  /** The function's environment, with the SDK's: region, credentials and endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const CLUSTER_NAME = 'embedded';
const STATE_BUCKET = 'embedded-cni-metrics-state';
const KEY = {
  accessKeyId: 'ASIAEMBEDDED00000001',
  secretAccessKey: 'embedded-secret-that-opens-nothing',
  sessionToken: 'embedded-session',
};

interface EmbeddedClusterOptions extends FleetOptions {
  /** The function reads the nodes directly. @default false */
  readonly direct?: boolean;
  /** Lets the API server dial a pod whose port is blocked. @default a timer */
  readonly wait?: Wait | undefined;
  /** The nodes are those of EKS Auto Mode: tags tell them, and no pods are read. @default false */
  readonly autoMode?: boolean;
}

/** Starts everything. Tokens and timestamps are checked against the clock of the fleet, `fleet.now()`. */
export async function startEmbeddedCluster({
  direct = false,
  wait,
  autoMode = false,
  ...options
}: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const fleet = createFleet(options);
  const now = () => fleet.now();
  const account = { region: REGION, keys: new Map([[KEY.accessKeyId, KEY]]) };
  const access: Access = {
    ...account,
    clusterName: CLUSTER_NAME,
    mapped: true,
    groups: [CLUSTER_ACCESS[direct ? 'node' : 'api-server'].group],
    rights: new Set(direct ? ['list pods'] : LEAST_RIGHTS),
  };
  const authority = await createAuthority(`${CLUSTER_NAME} cluster`);
  const certificate = await authority.issue(['127.0.0.1', 'localhost']);
  const apiServer = await startApiServer({
    fleet,
    access,
    certificate,
    now,
    wait,
    ...(direct && { startNodes: (faults) => startNodeServers(fleet, faults) }),
  });
  const eksCluster: EksCluster = {
    name: CLUSTER_NAME,
    endpoint: apiServer.endpoint,
    ca: authority.certificate,
    status: 'ACTIVE',
    authenticationMode: 'API_AND_CONFIG_MAP',
    vpcId: VPC_ID,
    subnetIds: fleet.subnets().map(({ id }) => id),
    securityGroupId: SECURITY_GROUP_ID,
  };
  const [cloudwatch, ec2, eks, s3, sts] = await Promise.all([
    startCloudWatch(account, now),
    startEc2(
      account,
      vpcActions(fleet, CLUSTER_NAME, autoMode ? { 'eks:eks-cluster-name': CLUSTER_NAME } : {}),
    ),
    startEks(account, () => descriptionOf(eksCluster, REGION)),
    startS3(account, STATE_BUCKET),
    startSts(account, USER),
  ]);

  return {
    fleet,
    apiServer,
    access,
    cloudwatch,
    ec2,
    eks,
    eksCluster,
    s3,
    sts,
    environment: {
      CLUSTER_NAME,
      CLUSTER_ENDPOINT: apiServer.endpoint,
      CLUSTER_CA: Buffer.from(authority.certificate).toString('base64'),
      STATE_BUCKET,
      SUBNET_METRICS: 'true',
      ...(autoMode && { PODS: 'none' }),
      ...(direct && { SCRAPE_VIA: 'node', NODE_CIDRS: LOOPBACK_NODES }),
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      AWS_SESSION_TOKEN: KEY.sessionToken,
      // The profiles of this machine are not used.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.url,
      AWS_ENDPOINT_URL_EC2: ec2.url,
      AWS_ENDPOINT_URL_EKS: eks.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_STS: sts.url,
    },
    async close() {
      await Promise.all([apiServer, cloudwatch, ec2, eks, s3, sts].map((server) => server.close()));
    },
  };
}
